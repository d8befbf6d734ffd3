import { stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type BackupInfo, formatBackupInfo, type Tablespace } from '../catalogue/backup-info.ts';
import type { Archive, DoneBackup } from '../catalogue/catalogue.ts';
import { floatLiteral } from '../catalogue/literal.ts';
import type { DataOptions } from '../config.ts';
import { joinKey } from '../location.ts';
import { ArchiveSeries } from './series.ts';
import { markEnd, type Query, readFacts, type ServerFacts, startBackup, stopBackup } from './session.ts';
import { storeFile, storeText, storeTree } from './walk.ts';

/** Compressed bytes of one archive before the next is begun (Barman's default). */
const maxArchiveBytes = 100 * 1024 ** 3;
/** 10,000 parts of this size hold an archive of that size with room to spare (S3: at most 10,000 parts). */
const partSize = 2 * Math.floor(maxArchiveBytes / 10_000);

export interface BaseBackupRequest {
  archive: Archive;
  /** `backup-YYYYMMDDHHMMSS`; free text that names the backup beside its id. */
  backupName: string;
  options: DataOptions;
  tags?: Readonly<Record<string, string>> | undefined;
  query: Query;
  /** The data directory as this process sees it; the server's own word for it goes into backup.info. */
  pgdata: string;
  /** Where this process sees a tablespace whose location the server names. */
  resolveLocation?: (location: string) => string;
  now: () => Date;
  /**
   * On a standby nobody waits for the last segment: called when its name is known, resolves when it is archived.
   * Without it a backup from a standby may be finished before it can be restored.
   */
  waitForArchive?: (endWal: string) => Promise<void>;
  signal?: AbortSignal | undefined;
}

/**
 * Takes a base backup in Barman's layout and resolves to what its backup.info says.
 *
 * States: archives are uploaded first and backup.info last. Its presence is what makes the folder a backup, so a run
 * that is killed leaves archives that no reader counts. A run that fails writes backup.info with status FAILED, and
 * the error is thrown on.
 */
export async function takeBaseBackup(request: BaseBackupRequest): Promise<DoneBackup> {
  const started = request.now();
  const backupId = backupIdOf(started);
  const facts = await readFacts(request.query);
  const folder = joinKey(request.archive.root, 'base', backupId);
  const info: BackupInfo = { ...factsOf(facts), backupId, backupName: request.backupName, status: 'EMPTY' };
  let phase = 'starting backup';
  const enter = (next: string) => {
    phase = next;
  };
  try {
    await run(request, facts, info, folder, enter);
    info.copyStats = copyStats((request.now().getTime() - started.getTime()) / 1000, request.options.jobs ?? 2);
    info.status = 'DONE';
    enter('uploading backup.info');
    await writeInfo(request, folder, info);
    return info as DoneBackup;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // Best effort: the error that ended the run is the one to report, also when the store is out of reach.
    const failed: BackupInfo = { ...info, status: 'FAILED', error: `failure ${phase} (${reason})` };
    await writeInfo({ ...request, signal: undefined }, folder, failed).catch(() => undefined);
    throw error;
  }
}

/** `YYYYMMDDTHHMMSS` in UTC. */
export function backupIdOf(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '');
}

function factsOf({ inRecovery: _, ...facts }: ServerFacts): Partial<BackupInfo> {
  return facts;
}

async function run(
  request: BaseBackupRequest,
  facts: ServerFacts,
  info: BackupInfo,
  folder: string,
  enter: (phase: string) => void,
): Promise<void> {
  const fast = request.options.immediateCheckpoint ?? false;
  Object.assign(info, await startBackup(request.query, facts, `Barman backup cloud ${info.backupId}`, fast));
  info.status = 'STARTED';
  enter('uploading data');
  for (const tablespace of facts.tablespaces ?? []) await storeTablespace(request, folder, tablespace);
  const series = openSeries(request, folder, 'data');
  try {
    await storeDataDirectory(request, series, facts);
    enter('stopping backup');
    const end = await stopBackup(request.query, facts);
    Object.assign(info, end);
    if (!facts.inRecovery) await markEnd(request.query, info.backupId);
    const { gid } = await stat(request.pgdata);
    await storeText(series, 'backup_label', end.backupLabel, gid);
    await series.close();
    enter('waiting for the last WAL segment');
    if (facts.inRecovery) await request.waitForArchive?.(end.endWal);
  } catch (error) {
    await series.abort(error as Error);
    throw error;
  }
}

function openSeries(request: BaseBackupRequest, folder: string, name: string): ArchiveSeries {
  return new ArchiveSeries({
    store: request.archive.store,
    folder,
    name,
    compression: request.options.compression,
    encryption: request.options.encryption,
    tags: request.tags,
    maxArchiveBytes,
    partSize,
    signal: request.signal,
  });
}

async function storeTablespace(request: BaseBackupRequest, folder: string, tablespace: Tablespace): Promise<void> {
  const series = openSeries(request, folder, String(tablespace.oid));
  try {
    const location = request.resolveLocation?.(tablespace.location) ?? tablespace.location;
    await storeTree(series, location, new Set(), request.signal);
    await series.close();
  } catch (error) {
    await series.abort(error as Error);
    throw error;
  }
}

/** PGDATA, then pg_control, which must not be older than any other file, then settings files from elsewhere. */
async function storeDataDirectory(
  request: BaseBackupRequest,
  series: ArchiveSeries,
  facts: ServerFacts,
): Promise<void> {
  const { pgdata } = request;
  const inside = (facts.tablespaces ?? []).map(({ oid }) => `pg_tblspc/${oid}`);
  await storeTree(series, pgdata, new Set(inside), request.signal);
  await storeNamed(series, join(pgdata, 'global/pg_control'), 'global/pg_control');
  for (const file of [facts.configFile, facts.hbaFile, facts.identFile]) {
    if (file === undefined || file === '' || !relative(facts.pgdata, file).startsWith('..')) continue;
    await storeNamed(series, file, basename(file));
  }
}

async function storeNamed(series: ArchiveSeries, path: string, name: string): Promise<void> {
  const { mode, uid, gid, mtimeMs } = await stat(path);
  await storeFile(series, path, { name, type: 'file', size: 0, mode, uid, gid, mtime: mtimeMs / 1000, linkName: '' });
}

function copyStats(seconds: number, workers: number): string {
  const total = floatLiteral(seconds);
  return `{'total_time': ${total}, 'number_of_workers': ${workers}, 'analysis_time': 0, 'copy_time': ${total}}`;
}

async function writeInfo(request: BaseBackupRequest, folder: string, info: BackupInfo): Promise<void> {
  const { encryption } = request.options;
  const body = Buffer.from(formatBackupInfo(info));
  await request.archive.store.put(joinKey(folder, 'backup.info'), body, {
    encryption,
    tags: request.tags,
    signal: request.signal,
  });
}
