/**
 * The way of a former primary back into its cluster, as a standby.
 *
 * It waits until another instance is the primary, asks that one for its timeline and history, and then does the least
 * that is right: nothing but standby.signal when its own WAL ends before the branch; pg_rewind where that tool is
 * there; else a fresh copy. standby.signal is written last, so a crash anywhere leaves a former primary that starts
 * again from the top.
 */

import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type ConnectionParameters, readControlData } from '@matriarch/postgres';
import type { Archiving } from '../archive/archiving.ts';
import { conninfoToPrimary, standbyOverride } from '../configuration/files.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { copyFromPrimary } from './copy.ts';
import { findDivergence } from './divergence.ts';
import { findProgram, runRewind } from './rewind.ts';
import { markStandby } from './role.ts';
import { askNewPrimary, type NewPrimary } from './source.ts';

/** Undefined = the data directory is a standby's now. */
export async function rejoin(
  instance: Instance,
  archiving: Archiving,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { currentPrimary = '', targetPrimary = '' } = cluster.status ?? {};
  if (currentPrimary !== targetPrimary || currentPrimary === '') {
    return requeue(1000, 'this former primary waits until another instance has been promoted');
  }
  instance.state.update({ rewinding: true });
  try {
    const conninfo = await conninfoToPrimary(instance, cluster);
    let primary: NewPrimary;
    try {
      primary = await askNewPrimary(conninfo);
    } catch (error) {
      instance.logger.info({ error: errorText(error) }, 'The new primary cannot be asked yet');
      return requeue(200, 'the new primary does not answer yet');
    }
    await archiving.archiveRest(cluster, signal);
    await follow(instance, cluster, conninfo, primary, signal);
  } finally {
    instance.state.update({ rewinding: false });
  }
  return undefined;
}

async function follow(
  instance: Instance,
  cluster: Cluster,
  conninfo: ConnectionParameters,
  primary: NewPrimary,
  signal: AbortSignal,
): Promise<void> {
  const { pgData } = instance.options.layout;
  const control = await readControlData(pgData);
  if (control.systemIdentifier !== primary.systemIdentifier) {
    throw new Error(
      `the primary has system identifier ${primary.systemIdentifier}, this data directory ${control.systemIdentifier}: they are not of one cluster`,
    );
  }
  const divergence = await findDivergence({
    pgData,
    timeline: Math.max(control.checkpoint.timeline, control.minRecoveryEndTimeline),
    segmentSize: control.segmentSize,
    newTimeline: primary.timeline,
    history: primary.history,
  });
  if (divergence.kind === 'none') {
    instance.logger.info(
      { timeline: primary.timeline },
      'This former primary has nothing of its own and can follow as it is',
    );
  } else {
    await repair(instance, cluster, conninfo, primary, divergence.reason, signal);
  }
  await writeFileAtomic(join(pgData, 'override.conf'), await standbyOverride(instance, cluster, false));
  await markStandby(pgData);
}

async function repair(
  instance: Instance,
  cluster: Cluster,
  conninfo: ConnectionParameters,
  primary: NewPrimary,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  const { pgData } = instance.options.layout;
  const program = await findProgram('pg_rewind', instance.environment);
  if (program !== undefined) {
    instance.logger.warn({ reason }, 'Rewinding this former primary');
    await writeFileAtomic(join(pgData, 'override.conf'), await standbyOverride(instance, cluster, true));
    await runRewind(
      { program, pgData, source: conninfo, loggers: instance.loggers, environment: instance.environment },
      signal,
    );
    return;
  }
  instance.logger.warn({ reason, bytes: primary.size }, 'Replacing the data of this former primary by a fresh copy');
  instance.events.event(
    cluster,
    'Warning',
    'InstanceCopied',
    `${instance.options.podName} had diverged from ${cluster.status?.currentPrimary ?? 'its primary'} and there is no pg_rewind: its data is replaced by a fresh copy`,
  );
  await copyFromPrimary(instance, cluster, conninfo, primary.size, signal);
}
