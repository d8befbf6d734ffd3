import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { annotations } from '@matriarch/api';
import {
  type Archive,
  checkEmptyArchive,
  chooseBackup,
  type DoneBackup,
  findWal,
  openStore,
  readCatalogue,
  restoreBaseBackup,
} from '@matriarch/objectstore';
import { storeConfig } from '../archive/storeConfig.ts';
import { tablespaceTarget } from '../tablespaces/directories.ts';
import type { Job } from './job.ts';
import { concludeRecovery } from './recovery/conclude.ts';
import { type RecoverySource, recoverySource } from './recovery/source.ts';
import { backupChoice } from './recovery/target.ts';
import { freshConfiguration } from './recovery/template.ts';
import { clearTargets, relocateWal, stagingDirectory } from './targets.ts';

/** `instance restore`: a base backup and the WAL after it from an object store, up to the recovery target. */
export async function restoreFromArchive(job: Job): Promise<void> {
  const { layout } = job.options;
  const targets = { pgData: layout.pgData, walDirectory: job.walDirectory, tablespaces: layout.tablespaces };
  await clearTargets(targets, new Date(), job.logger);
  await requireEmptyOwnArchive(job);
  const source = await recoverySource(job);
  if (source === undefined)
    throw new Error('spec.bootstrap.recovery names neither a backup nor a source to restore from');
  const archive = openStore(source.store);
  try {
    const backup = await findBackup(job, archive, source);
    const staging = stagingDirectory(layout.pgData);
    const mainConfiguration = freshConfiguration(job);
    const started = performance.now();
    await restoreBaseBackup({
      archive,
      backup,
      pgdata: staging,
      tablespaceLocation: ({ location }) => tablespaceTarget(location, job.environment),
      signal: job.signal,
    });
    const milliseconds = Math.round(performance.now() - started);
    job.logger.info({ backup: backup.backupId, milliseconds }, 'The base backup is restored');
    await relocateWal(staging, job.walDirectory);
    // Its links would lead to the places of the source; ours are made already.
    await rm(join(staging, 'tablespace_map'), { force: true });
    const { external, store } = source;
    await concludeRecovery(job, {
      mainConfiguration,
      archive,
      maxParallel: store.wal?.maxParallel,
      external,
      createsApplication: true,
      flush: false,
    });
  } finally {
    archive.store.close();
  }
}

/** Two clusters that archive to one place would make both archives useless. */
async function requireEmptyOwnArchive(job: Job): Promise<void> {
  const own = job.cluster.spec.backup?.barmanObjectStore;
  const name = job.cluster.metadata.name;
  if (own === undefined) return;
  if (job.cluster.metadata.annotations?.[annotations.skipEmptyWalArchiveCheck] === 'enabled') return;
  const config = await storeConfig(own, name, job.secrets);
  const archive = openStore(config);
  try {
    await checkEmptyArchive(archive, config.serverName, job.signal);
  } finally {
    archive.store.close();
  }
}

async function findBackup(job: Job, archive: Archive, source: RecoverySource): Promise<DoneBackup> {
  const { backups, unreadable } = await readCatalogue(archive, job.signal);
  for (const { backupId, error } of unreadable) {
    job.logger.warn({ backup: backupId, error: error.message }, 'A backup.info cannot be read and is passed over');
  }
  const target = job.cluster.spec.bootstrap?.recovery?.recoveryTarget;
  const choice = source.backupId === undefined ? backupChoice(target) : { backupId: source.backupId };
  const backup = chooseBackup(backups, choice, `${archive.store.url}/${archive.root}`);
  job.logger.info({ backup: backup.backupId, beginWal: backup.beginWal }, 'The base backup is chosen');
  if ((await findWal(archive, backup.beginWal, job.signal)) === undefined) {
    throw new Error(
      `the archive lacks WAL ${backup.beginWal}, with which backup ${backup.backupId} begins: ` +
        'wait until the source has archived it, or choose another backup by recoveryTarget.backupID',
    );
  }
  return backup;
}
