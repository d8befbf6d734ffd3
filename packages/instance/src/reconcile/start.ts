import { chmod, mkdir } from 'node:fs/promises';
import type { Cluster } from '@matriarch/api';
import { readControlData } from '@matriarch/postgres';
import { extensionEnvironment } from '../configuration/extensions.ts';
import type { Instance } from '../instance.ts';
import { endOrphan } from '../postmaster/lifecycle.ts';
import { checkWalSpace } from '../postmaster/space.ts';
import { moveWal } from '../postmaster/walVolume.ts';
import { finalLsn } from '../primary/finalLsn.ts';
import { resetQuorum } from '../primary/quorum.ts';
import { assertWhole } from '../rejoin/mark.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { finishSwap } from '../rejoin/swap.ts';
import { ensureTablespaceDirectories, relinkTablespaces } from '../tablespaces/directories.ts';
import { configurationStep } from './files.ts';
import type { Memory } from './memory.ts';

/**
 * Once, before anything is decided: ends what an earlier manager left running, and completes an interrupted swap of data
 * directories. A Lease that this pod may have held before is given back as soon as it is not to be the primary: nothing
 * of what held it runs any more, and the next primary need not wait for its end.
 */
export async function settleLeftovers(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const { layout, podName } = instance.options;
  if (!memory.orphanChecked) {
    await endOrphan(layout.pgData, layout.run, instance.logger, signal);
    await finishSwap(layout.pgData);
    memory.orphanChecked = true;
  }
  const { lease, state } = instance;
  // What this process has claimed itself is given back by its own steps.
  if (lease.held || lease.owed || state.current.writing) memory.leaseLeft = false;
  if (!memory.leaseLeft || cluster.status?.targetPrimary === podName) return;
  // An adopted server may be the very one for which the Lease was taken.
  if (instance.lifecycle.state !== 'down' && (await looksPrimary(layout.pgData))) return;
  await lease.releaseLeftover(await finalLsn(instance));
  memory.leaseLeft = false;
}

/** Launches PostgreSQL on a data directory whose role has been decided. */
export async function startServer(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  const { pgData } = instance.options.layout;
  const primary = await looksPrimary(pgData);
  if (primary) await assertWhole(pgData);
  await configurationStep(instance, memory, cluster);
  if (primary) await resetQuorum(instance, memory, cluster);
  await prepareDirectories(instance, cluster);
  await launch(instance, cluster);
  memory.reloadPending = false;
  memory.rolesReady = false;
  memory.extensionsFor = '';
}

async function prepareDirectories(instance: Instance, cluster: Cluster): Promise<void> {
  const { layout } = instance.options;
  await chmod(layout.pgData, 0o700);
  for (const directory of [layout.run, layout.temporary]) await mkdir(directory, { recursive: true, mode: 0o700 });
  if (cluster.spec.walStorage !== undefined) await moveWal(layout.pgData, layout.walVolume);
  await ensureTablespaceDirectories(cluster, layout.tablespaces);
  await relinkTablespaces(layout.pgData, instance.environment);
  const control = await readControlData(layout.pgData);
  instance.logger.info(
    {
      systemIdentifier: control.systemIdentifier,
      state: control.state,
      timeline: control.checkpoint.timeline,
      checkpoint: control.checkpoint.redoWalFile,
    },
    'The data directory as it is before the start',
  );
  await checkWalSpace(layout.pgData, control.segmentSize);
}

async function launch(instance: Instance, cluster: Cluster): Promise<void> {
  const { layout, bindAddress } = instance.options;
  const environment = { ...instance.environment, ...extensionEnvironment(cluster, layout, instance.environment) };
  instance.database.open();
  await instance.lifecycle.start({
    pgData: layout.pgData,
    bindAddress,
    logPath: instance.logPath,
    environment,
  });
}
