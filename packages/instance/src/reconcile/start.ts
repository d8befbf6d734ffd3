import { chmod, mkdir } from 'node:fs/promises';
import type { Cluster } from '@matriarch/api';
import { isReplicaCluster } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { readControlData } from '@matriarch/postgres';
import { extensionEnvironment } from '../configuration/extensions.ts';
import type { Instance } from '../instance.ts';
import { endOrphan } from '../postmaster/lifecycle.ts';
import { checkWalSpace } from '../postmaster/space.ts';
import { moveWal } from '../postmaster/walVolume.ts';
import { decideRole, type RoleStep } from '../primary/decide.ts';
import { becomeCurrent } from '../primary/promote.ts';
import { rejoin } from '../rejoin/rejoin.ts';
import { looksPrimary, markStandby } from '../rejoin/role.ts';
import { finishSwap } from '../rejoin/swap.ts';
import { ensureTablespaceDirectories, relinkTablespaces } from '../tablespaces/directories.ts';
import { configurationStep } from './files.ts';
import type { Memory } from './memory.ts';
import { leaseTimings } from './timings.ts';

const leaseWaitMs = 3000;

/** The role that the data directory and the Cluster together give this instance. */
export async function currentRole(instance: Instance, cluster: Cluster): Promise<RoleStep> {
  return decideRole({
    podName: instance.options.podName,
    targetPrimary: cluster.status?.targetPrimary ?? '',
    currentPrimary: cluster.status?.currentPrimary ?? '',
    replicaCluster: isReplicaCluster(cluster),
    looksPrimary: await looksPrimary(instance.options.layout.pgData),
  });
}

/**
 * Brings a stopped instance to the point where PostgreSQL is launched: leftovers of an earlier manager, the role of
 * the data directory, configuration, space. Undefined = launched.
 */
export async function startStep(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { layout } = instance.options;
  if (!memory.orphanChecked) {
    await endOrphan(layout.pgData, layout.run, instance.logger, signal);
    await finishSwap(layout.pgData);
    memory.orphanChecked = true;
  }
  if (!memory.prepared) {
    const waiting = await prepareRole(instance, memory, cluster, signal);
    if (waiting !== undefined) return waiting;
    memory.prepared = true;
  }
  await configurationStep(instance, memory, cluster);
  await prepareDirectories(instance, cluster);
  await launch(instance, cluster);
  memory.reloadPending = false;
  memory.rolesReady = false;
  memory.extensionsFor = '';
  return undefined;
}

/** Makes sure that a primary's data directory is started by the rightful primary only. */
async function prepareRole(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const role = await currentRole(instance, cluster);
  // Whatever ran here before has ended: the next primary need not wait for the end of its lease.
  if (role === 'demote' || role === 'follow') await instance.lease.releaseLeftover();
  if (role === 'demote') {
    if (!isReplicaCluster(cluster)) return rejoin(instance, memory.archiving, cluster, signal);
    await markStandby(instance.options.layout.pgData);
    return undefined;
  }
  if (role !== 'hold') return undefined;
  if (!(await instance.lease.acquire(leaseTimings(cluster), leaseWaitMs, signal))) {
    return requeue(0, 'this instance is the target primary, but another one holds the primary lease');
  }
  if (!cluster.status?.currentPrimary) await becomeCurrent(instance);
  return undefined;
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
