import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { electorate } from '../primary/act.ts';
import type { Memory } from '../reconcile/memory.ts';
import type { Handover } from './handover.ts';
import { removeOtherVersions } from './install.ts';

/**
 * The first step of a new manager: goes on with the PostgreSQL of the one before it, if it follows one, and removes the
 * files of other versions. False = there was a PostgreSQL, and it has ended: the container must be made anew.
 *
 * The right to write goes on as it was (docs/decisions/0009-who-may-write.md): the same process holds the Lease in the same
 * term, and what is left of its time is what the last acknowledged renewal gave.
 */
export async function takeOver(
  instance: Instance,
  memory: Memory,
  handover: Handover | undefined,
  folder: string | undefined,
): Promise<boolean> {
  const { logger, options, lifecycle } = instance;
  if (folder !== undefined) {
    void removeOtherVersions(folder, options.layout).catch((error: unknown) =>
      logger.warn({ error: errorText(error) }, 'Files of former versions of the manager could not be removed'),
    );
  }
  if (handover?.postmaster === undefined) return true;
  const { pid } = handover.postmaster;
  if (!(await lifecycle.adopt(handover.postmaster, options.layout.pgData))) {
    logger.error({ pid }, 'PostgreSQL ended while the manager was updated');
    return false;
  }
  memory.orphanChecked = true;
  forgetWhenEnded(instance, memory);
  instance.state.update({ writing: handover.writing });
  if (handover.cluster !== undefined) instance.cluster.observe(handover.cluster);
  resumeLease(instance, handover);
  logger.info({ pid, formerHash: handover.formerHash }, 'PostgreSQL goes on under this manager');
  return true;
}

/** An adopted server leaves a zombie, whose number in the lock files would keep the next one from starting. */
function forgetWhenEnded(instance: Instance, memory: Memory): void {
  const end = instance.lifecycle.onEvent((event) => {
    if (event.kind !== 'state' || event.state !== 'down') return;
    memory.orphanChecked = false;
    end();
  });
}

function resumeLease(instance: Instance, { lease }: Handover): void {
  if (lease === undefined) return;
  const known = lease.electorates[0] ?? [];
  instance.lease.resume(lease, () => (instance.cluster.current() === undefined ? known : electorate(instance)));
}
