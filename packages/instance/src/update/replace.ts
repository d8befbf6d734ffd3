import { setTimeout as sleep } from 'node:timers/promises';
import type { Archiving } from '../archive/archiving.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import type { LogRelay } from '../logs/relay.ts';
import { markOf } from '../postmaster/adopted.ts';
import { withoutOwn } from '../postmaster/process.ts';
import { handoverVariable, writeHandover } from './handover.ts';

/** A part that works on for so long is cut off, as a crash would; it must bear that anyway. */
const patienceMs = 3000;

export interface ReplaceParts {
  readonly instance: Instance;
  readonly relay: LogRelay;
  readonly archiving: Archiving;
  readonly hash: string;
  /** What works beside PostgreSQL has been asked to end. */
  readonly loopsEnded: Promise<unknown>;
  /** Whether something asked this manager to end meanwhile: then PostgreSQL must be stopped, in the usual way. */
  readonly mustEnd: () => boolean;
}

/**
 * Becomes the installed version: the same process, arguments and environment. Comes back only when this manager has to
 * end instead. The new program finds what it needs to go on in the handover; what is written into the pipes of the log and
 * of the WAL commands meanwhile waits there, for PostgreSQL holds them open.
 */
export async function replaceManager(parts: ReplaceParts): Promise<void> {
  const { instance, relay } = parts;
  const { layout } = instance.options;
  const note = (message: string) => (error: unknown) => instance.logger.warn({ error: errorText(error) }, message);
  const ended = parts.loopsEnded.then(() => true);
  const inTime = await Promise.race([ended, sleep(patienceMs, false, { ref: false })]).catch(note('A part failed'));
  if (inTime === false) instance.logger.warn({ patienceMs }, 'A part works on while the manager gives way');
  await parts.archiving.suspend().catch(note('The worker did not stop'));
  await instance.events.flush().catch(note('Events were not written'));
  await instance.database.close();
  if (parts.mustEnd()) return;
  const lease = await instance.lease.suspend();
  const { pid } = instance.lifecycle;
  const handover = {
    pid: process.pid,
    formerHash: parts.hash,
    postmaster: pid === undefined ? undefined : markOf(pid),
    cluster: instance.cluster.current(),
    writing: instance.state.current.writing,
    lease,
    logs: relay.close(),
  };
  const path = await writeHandover(layout, handover);
  if (parts.mustEnd()) return;
  const environment = withoutOwn({ ...process.env, [handoverVariable]: path });
  process.execve?.(layout.manager, [layout.manager, ...process.argv.slice(2)], environment);
}
