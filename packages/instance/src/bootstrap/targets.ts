/**
 * The directories that a bootstrap fills.
 *
 *   PGDATA.bootstrap, pg_wal on its volume, tablespaces (being filled) -> all flushed -> PGDATA.bootstrap renamed to PGDATA
 *
 * Only the rename makes them count. A crash before it leaves no PGDATA, and then everything that lies there is
 * unfinished and is removed by the next run. A PGDATA that is there when a run starts is not ours to throw away:
 * it is renamed with the time, together with its WAL and tablespaces, unless PostgreSQL itself could not use it.
 */
import { cp, lstat, mkdir, open, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findRunningPostmaster, readControlData, syncDataDirectory } from '@matriarch/postgres';
import { isMissingFile } from '../files/atomic.ts';
import type { Logger } from '../logger.ts';

export interface Targets {
  readonly pgData: string;
  readonly walDirectory: string | undefined;
  /** Below this, `<name>/data` is a tablespace. */
  readonly tablespaces: string;
}

export const stagingDirectory = (pgData: string): string => `${pgData}.bootstrap`;

/** Makes room: afterwards none of the target directories exists. `now` names what is kept. */
export async function clearTargets(targets: Targets, now: Date, logger: Logger): Promise<void> {
  const staging = stagingDirectory(targets.pgData);
  await endLeftOverServer(staging, logger);
  await rm(staging, { recursive: true, force: true });
  const usable = await isUsable(targets.pgData);
  const others = [targets.walDirectory, ...(await tablespaceDirectories(targets.tablespaces))];
  const suffix = `_${now.toISOString().replace(/[-:]|\.\d+Z$/g, '')}`;
  for (const path of [targets.pgData, ...others]) {
    if (path === undefined || !(await directoryExists(path))) continue;
    if (usable) {
      logger.warn({ path, renamedTo: path + suffix }, 'A former data directory is kept under another name');
      await rename(path, path + suffix);
    } else {
      logger.warn({ path }, 'An unfinished directory is removed');
      await rm(path, { recursive: true });
    }
  }
  if (usable) await relinkWal(targets, suffix);
}

/** The server of a run that was killed could still write where we are about to. */
async function endLeftOverServer(staging: string, logger: Logger): Promise<void> {
  const server = await findRunningPostmaster(staging);
  if (server === undefined) return;
  logger.warn({ pid: server.pid }, 'The server of a former run is still there and is ended');
  process.kill(server.pid, 'SIGQUIT');
  const deadline = performance.now() + 10_000;
  while ((await findRunningPostmaster(staging)) !== undefined) {
    if (performance.now() > deadline) throw new Error(`process ${server.pid} still runs in ${staging}; end it first`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function isUsable(pgData: string): Promise<boolean> {
  return readControlData(pgData).then(
    () => true,
    () => false,
  );
}

async function tablespaceDirectories(tablespaces: string): Promise<string[]> {
  const names = await readdir(tablespaces).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  return names.map((name) => join(tablespaces, name, 'data'));
}

/** A kept data directory goes on to find its WAL, which was renamed with it. */
async function relinkWal({ pgData, walDirectory }: Targets, suffix: string): Promise<void> {
  const link = join(pgData + suffix, 'pg_wal');
  if (walDirectory === undefined || !(await isSymbolicLink(link)) || (await readlink(link)) !== walDirectory) return;
  await rm(link);
  await symlink(walDirectory + suffix, link);
}

/** Flushes everything and lets it count: the last step of every bootstrap. */
export async function finishTargets(pgData: string, major: number, signal: AbortSignal): Promise<void> {
  const staging = stagingDirectory(pgData);
  await syncDataDirectory(staging, major, signal);
  await rename(staging, pgData);
  const parent = await open(dirname(pgData), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

/** Moves `pg_wal` of the staging directory to its volume, for data that came without a choice of the place. */
export async function relocateWal(staging: string, walDirectory: string | undefined): Promise<void> {
  const source = join(staging, 'pg_wal');
  if (walDirectory === undefined || (await isSymbolicLink(source))) return;
  await mkdir(walDirectory, { recursive: true, mode: 0o700 });
  await cp(source, walDirectory, { recursive: true, preserveTimestamps: true });
  await rm(source, { recursive: true });
  await symlink(walDirectory, source);
}

async function isSymbolicLink(path: string): Promise<boolean> {
  const entry = await lstat(path).catch(() => undefined);
  return entry?.isSymbolicLink() === true;
}

/** Whether there is anything at the path, a broken link too. */
export async function directoryExists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
