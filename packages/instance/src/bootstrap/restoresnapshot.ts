/**
 * `instance restoresnapshot`: the volumes are clones of snapshots, and are made an instance of this cluster.
 *
 *   PGDATA -> renamed to PGDATA.bootstrap -> cleaned, labelled, recovered there -> renamed back
 *
 * There is no second copy, so everything is flushed as it is written, and a next run goes on where one was killed:
 * recovery from the same label again, unless the server had left recovery already.
 */
import { readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { slotName } from '@matriarch/api';
import { openStore } from '@matriarch/objectstore';
import { dataDirectoryVersion, readControlData } from '@matriarch/postgres';
import { readIfExists, writeFileAtomic } from '../files/atomic.ts';
import { writeOverride, writeStandbySignal } from './files.ts';
import { conninfoToPrimary } from './init.ts';
import type { Job } from './job.ts';
import { instanceName } from './names.ts';
import { concludeRecovery } from './recovery/conclude.ts';
import { recoverySource } from './recovery/source.ts';
import { freshConfiguration } from './recovery/template.ts';
import { directoryExists, finishTargets, stagingDirectory } from './targets.ts';

export async function restoreFromSnapshot(job: Job): Promise<void> {
  const { layout, flags, podName } = job.options;
  const staging = stagingDirectory(layout.pgData);
  if (!(await directoryExists(staging))) await rename(layout.pgData, staging);
  await linkWal(staging, job.walDirectory);
  const major = await dataDirectoryVersion(staging);
  if (flags.get('immediate') === 'true') {
    await removeLeftOvers(staging);
    await writeOverride(job, staging, await conninfoToPrimary(job), slotName(job.cluster, instanceName(podName)));
    await writeStandbySignal(staging);
    return finishTargets(layout.pgData, major, job.signal);
  }
  const named = job.cluster.spec.bootstrap?.recovery?.source;
  const source = named ? await recoverySource(job) : undefined;
  if (source === undefined || (await hasLeftRecovery(staging))) {
    await removeLeftOvers(staging);
    return finishTargets(layout.pgData, major, job.signal);
  }
  await removeLeftOvers(staging);
  await writeLabel(staging, 'backup_label', flags.get('backuplabel'));
  await writeLabel(staging, 'tablespace_map', flags.get('tablespacemap'));
  await markStart(staging);
  const archive = openStore(source.store);
  try {
    const { external, store } = source;
    const input = {
      mainConfiguration: freshConfiguration(job),
      archive,
      maxParallel: store.wal?.maxParallel,
      external,
      createsApplication: false,
      flush: true,
    };
    await concludeRecovery(job, input);
  } finally {
    archive.store.close();
  }
  await rm(join(layout.pgData, startMark), { force: true });
}

/** Holds the timeline on which the recovery began. */
const startMark = '.bootstrap-timeline';

async function markStart(staging: string): Promise<void> {
  if ((await readIfExists(join(staging, startMark))) !== undefined) return;
  const { checkpoint } = await readControlData(staging);
  await writeFileAtomic(join(staging, startMark), String(checkpoint.timeline));
}

/** Whether a former run got as far as a timeline of its own; recovering once more would mix two histories. */
async function hasLeftRecovery(staging: string): Promise<boolean> {
  const start = await readIfExists(join(staging, startMark));
  if (start === undefined) return false;
  const { checkpoint, state } = await readControlData(staging);
  return checkpoint.timeline > Number(start) && state !== 'in archive recovery';
}

/** What a running server leaves that must not be taken over; see pg_basebackup's own list. */
const files = [
  /^core\./,
  /^pgsql_tmp/,
  /^(postgresql\.auto\.conf|current_logfiles)\.tmp$/,
  /^pg_internal\.init$/,
  /^postmaster\.(pid|opts)$/,
  /^recovery\.conf$/,
  /^(recovery|standby)\.signal$/,
];
const emptied = [
  'log',
  'pg_dynshmem',
  'pg_log',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
];

async function removeLeftOvers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (files.some((pattern) => pattern.test(name))) await rm(join(directory, name), { recursive: true });
    else if (emptied.includes(name)) {
      for (const inner of await readdir(join(directory, name)))
        await rm(join(directory, name, inner), { recursive: true });
    }
  }
}

async function writeLabel(directory: string, name: string, base64: string | undefined): Promise<void> {
  if (base64 === undefined || base64 === '') return;
  await writeFileAtomic(join(directory, name), Buffer.from(base64, 'base64'));
}

/** The link to the WAL volume, which is another volume than the one in the snapshot. */
async function linkWal(staging: string, walDirectory: string | undefined): Promise<void> {
  const link = join(staging, 'pg_wal');
  const target = await readlink(link).catch(() => undefined);
  if (walDirectory === undefined || target === undefined || target === walDirectory) return;
  await rm(link);
  await symlink(walDirectory, link);
}
