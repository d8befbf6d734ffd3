import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { applicationDatabase, isReplicaCluster, slotName } from '@matriarch/api';
import type { Archive } from '@matriarch/objectstore';
import { type ControlData, dataDirectoryVersion, readControlData, withSuperuser } from '@matriarch/postgres';
import { computeParameters } from '../../configuration/compute.ts';
import { externalConninfo } from '../../configuration/external.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import {
  markEmptyArchiveCheck,
  removeForeignMarks,
  writeConfiguration,
  writeOverride,
  writePrivateAccess,
  writeStandbySignal,
} from '../files.ts';
import { conninfoToPrimary } from '../init.ts';
import type { Job } from '../job.ts';
import { instanceName } from '../names.ts';
import { type PrivateServer, withServer } from '../server.ts';
import { ensureDatabase, ensureRole } from '../sql.ts';
import { finishTargets, stagingDirectory } from '../targets.ts';
import { recoverySettings } from './target.ts';
import { serveWal } from './walServer.ts';

export interface RecoveryInput {
  /** A fresh postgresql.conf; see `freshConfiguration`. */
  readonly mainConfiguration: Promise<string>;
  readonly archive: Archive;
  readonly maxParallel: number | undefined;
  /** The external cluster that a replica cluster follows. */
  readonly external: string | undefined;
  /** False where the volumes bring everything but the WAL. */
  readonly createsApplication: boolean;
  /** Whether the server flushes what it writes: needed where a killed run cannot start over from the backup. */
  readonly flush: boolean;
}

/** From restored files to a primary on a timeline of its own, or to the standby that a replica cluster is. */
export async function concludeRecovery(job: Job, input: RecoveryInput): Promise<void> {
  const { layout } = job.options;
  const staging = stagingDirectory(layout.pgData);
  const major = await dataDirectoryVersion(staging);
  // Links would lead to the places of the source; ours are made already.
  for (const name of ['tablespace_map', 'standby.signal', 'recovery.signal'])
    await rm(join(staging, name), { force: true });
  await removeForeignMarks(staging);
  // The settings in the source's own file are not this cluster's.
  await writeFileAtomic(join(staging, 'postgresql.conf'), await input.mainConfiguration);
  await writeConfiguration(job, staging);
  await markEmptyArchiveCheck(staging);
  if (isReplicaCluster(job.cluster)) {
    const source = input.external ?? job.cluster.spec.replica?.source ?? '';
    await writeOverride(job, staging, await externalConninfo(job, job.cluster, source), undefined);
    await writeStandbySignal(staging);
  } else {
    await writePrivateAccess(staging);
    await writeFileAtomic(join(staging, 'recovery.signal'), '');
    await recover(job, staging, major, input);
    const slot = slotName(job.cluster, instanceName(job.options.podName));
    await writeOverride(job, staging, await conninfoToPrimary(job), slot);
  }
  await finishTargets(layout.pgData, major, job.signal);
}

const defaultParallel = 4;

async function recover(job: Job, staging: string, major: number, input: RecoveryInput): Promise<void> {
  const control = await readControlData(staging);
  const wal = await serveWal({
    archive: input.archive,
    directory: join(job.options.layout.controller, 'recovery'),
    segmentSize: control.segmentSize,
    parallel: Math.max(input.maxParallel ?? 0, defaultParallel),
    logger: job.logger,
    signal: job.signal,
  });
  const settings = {
    ...recoverySettings(job.cluster.spec.bootstrap?.recovery?.recoveryTarget),
    ...raisedSettings(job, control, major),
    restore_command: wal.restoreCommand,
    recovery_target_action: 'promote',
    fsync: input.flush ? 'on' : 'off',
  };
  try {
    await withServer(job, staging, settings, async (running) => {
      await waitForPromotion(job, running);
      if (input.createsApplication) await createApplication(job, running);
    });
  } finally {
    await wal.close();
  }
}

/** The server refuses to replay WAL with less of these than the source had. */
function raisedSettings(job: Job, control: ControlData, major: number): Record<string, string> {
  const { layout, podName } = job.options;
  const { settings } = computeParameters({ cluster: job.cluster, layout, podName, major, synchronous: undefined });
  const least: Record<string, number> = {
    max_connections: control.maxConnections,
    max_wal_senders: control.maxWalSenders,
    max_worker_processes: control.maxWorkerProcesses,
    max_prepared_transactions: control.maxPreparedTransactions,
    max_locks_per_transaction: control.maxLocksPerTransaction,
  };
  return Object.fromEntries(
    Object.entries(least).map(([name, value]) => [name, String(Math.max(value, Number(settings[name] ?? 0)))]),
  );
}

const promotionPollMs = 100;
const endPatienceMs = 5000;

/** Ends when the target is reached and the server has left recovery; a target that is never reached ends the server. */
async function waitForPromotion(job: Job, { server, socketDirectory }: PrivateServer): Promise<void> {
  const session = { socketDirectory, database: 'postgres', applicationName: 'cnpg-instance-manager' };
  const ended = server.exited.then(() => {
    throw new Error('PostgreSQL ended before the recovery target was reached; its log says why');
  });
  const promoted = withSuperuser(session, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ recovering: boolean }>('SELECT pg_is_in_recovery() AS recovering');
      if (rows[0]?.recovering === false) return;
      await delay(promotionPollMs, undefined, { signal: job.signal });
    }
  });
  try {
    await Promise.race([promoted, ended]);
  } catch (error) {
    // The session of a server that ends breaks before the process is gone, and says less.
    await Promise.race([ended, delay(endPatienceMs)]);
    throw error;
  }
  job.logger.info({}, 'The recovery is complete');
}

async function createApplication(job: Job, { socketDirectory }: PrivateServer): Promise<void> {
  const application = applicationDatabase(job.cluster);
  if (application === undefined) return;
  const target = { socketDirectory, logger: job.logger };
  await ensureRole(target, application.owner);
  await ensureDatabase(target, application);
}
