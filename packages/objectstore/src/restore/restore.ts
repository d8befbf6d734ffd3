import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Tablespace } from '../catalogue/backup-info.ts';
import type { Archive, DoneBackup } from '../catalogue/catalogue.ts';
import { decompressor } from '../compression/formats.ts';
import { joinKey } from '../location.ts';
import { StoreError } from '../store.ts';
import { syncTree, unpack } from './unpack.ts';

export interface RestoreRequest {
  archive: Archive;
  backup: DoneBackup;
  /** Target of the data directory; missing or empty. */
  pgdata: string;
  /** Where a tablespace goes; missing or empty. Without it, to its recorded location. */
  tablespaceLocation?: (tablespace: Tablespace) => string;
  signal?: AbortSignal | undefined;
}

/**
 * Unpacks a base backup: PGDATA and tablespaces with the links to them, `pg_wal` created where it was a volume of its
 * own, everything fsynced. PostgreSQL then starts from backup_label and needs WAL from `backup.beginWal` on.
 * A run that is cut off leaves an incomplete directory, without `global/pg_control` unless nearly all is there;
 * the caller removes it before another try.
 */
export async function restoreBaseBackup(request: RestoreRequest): Promise<void> {
  const tablespaces = request.backup.tablespaces ?? [];
  const locationOf = request.tablespaceLocation ?? (({ location }) => location);
  for (const target of [request.pgdata, ...tablespaces.map(locationOf)]) await requireEmpty(target);
  const archives = await archivesOf(request);
  await restoreSeries(request, archives, 'data', request.pgdata);
  for (const tablespace of tablespaces) {
    const location = locationOf(tablespace);
    await restoreSeries(request, archives, String(tablespace.oid), location);
    await mkdir(join(request.pgdata, 'pg_tblspc'), { recursive: true, mode: 0o700 });
    await symlink(location, join(request.pgdata, 'pg_tblspc', String(tablespace.oid)));
    await syncTree(location);
  }
  await mkdir(join(request.pgdata, 'pg_wal', 'archive_status'), { recursive: true, mode: 0o700 });
  await syncTree(request.pgdata);
}

async function requireEmpty(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0)
    throw new Error(`${target} is not empty; a base backup is only restored into an empty directory`);
  await mkdir(target, { recursive: true, mode: 0o700 });
}

/** Keys of all archives by series, in their order. */
async function archivesOf({ archive, backup, signal }: RestoreRequest): Promise<Map<string, string[]>> {
  const folder = `${joinKey(archive.root, 'base', backup.backupId)}/`;
  const bySeries = new Map<string, string[]>();
  for await (const { key } of archive.store.list(folder, { signal })) {
    const match = /^(data|\d+)(_\d{4})?\.tar(\.gz|\.bz2|\.snappy)?$/.exec(key.slice(folder.length));
    const series = match?.[1];
    if (series === undefined) continue;
    bySeries.set(series, [...(bySeries.get(series) ?? []), key].sort(byNumber));
  }
  return bySeries;
}

/** `data.tar.gz` before `data_0001.tar.gz`. */
function byNumber(a: string, b: string): number {
  const number = (key: string) => Number(/_(\d{4})\.tar[^/]*$/.exec(key)?.[1] ?? 0);
  return number(a) - number(b);
}

async function restoreSeries(
  request: RestoreRequest,
  archives: ReadonlyMap<string, readonly string[]>,
  series: string,
  target: string,
): Promise<void> {
  const keys = archives.get(series) ?? [];
  const [first] = keys;
  if (first === undefined || /_\d{4}\.tar[^/]*$/.test(first)) {
    throw new StoreError(
      'notFound',
      `backup ${request.backup.backupId} has no archive ${series}.tar; it cannot be restored`,
    );
  }
  for (const key of keys) {
    const { body } = await request.archive.store.get(key, { signal: request.signal });
    const stream = decompressor(/\.tar(\.[a-z0-9]+)?$/.exec(key)?.[1] ?? '');
    const into = (source: AsyncIterable<Buffer>) => unpack(source, target);
    const settings = request.signal === undefined ? {} : { signal: request.signal };
    if (stream === undefined) await pipeline(body, into, settings);
    else await pipeline(body, stream, into, settings);
  }
}
