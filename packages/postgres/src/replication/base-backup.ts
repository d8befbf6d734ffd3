import { existsSync, symlinkSync } from 'node:fs';
import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionParameters } from '../conninfo.ts';
import { connectToServer } from '../protocol/connect.ts';
import { ServerError } from '../protocol/errors.ts';
import { syncDataDirectory } from '../server/initdb.ts';
import { majorVersion } from '../versions.ts';
import { createExtractor, makePrivateDirectory } from './extract.ts';
import { type ReceivedFiles, verifyManifest } from './manifest.ts';
import { createTemporarySlot, identifySystem, type SystemIdentity } from './session.ts';
import { type BackupPosition, type BackupReceiver, type BackupTablespace, streamBaseBackup } from './stream.ts';
import { createTarParser } from './tar.ts';

export interface BaseBackupProgress {
  readonly receivedBytes: number;
  /** The server's estimate; 0 before it is known. */
  readonly estimatedBytes: number;
}

export interface BaseBackupRequest {
  readonly connection: ConnectionParameters;
  readonly label: string;
  /** Missing or empty; so must be `walDirectory` and the relocated tablespaces. */
  readonly pgData: string;
  readonly walDirectory?: string | undefined;
  /** Where a tablespace goes, given its location at the sender; unset = the same path. */
  readonly relocate?: ((location: string) => string) | undefined;
  readonly checkpoint: 'fast' | 'spread';
  /** Name of the temporary slot that keeps the WAL of the backup at the sender. */
  readonly slot: string;
  readonly onProgress?: ((progress: BaseBackupProgress) => void) | undefined;
}

export interface BaseBackupResult {
  readonly source: SystemIdentity;
  readonly major: number;
  readonly start: BackupPosition;
  readonly end: BackupPosition;
  readonly tablespaces: readonly BackupTablespace[];
  readonly receivedBytes: number;
  /** False where the sender had no slot to spare: then a long backup depends on its wal_keep_size. */
  readonly slotUsed: boolean;
}

/**
 * Copies a running server into `pgData`, ready to be started: data directory, tablespaces, and at its end the WAL
 * that belongs to it, in one connection. The temporary slot keeps that WAL at the sender however long the copy takes,
 * so that no second connection has to follow it. When it resolves, every file was compared with the manifest and
 * everything is on disk. When it throws, the directories hold a part that must be removed.
 */
export async function takeBaseBackup(request: BaseBackupRequest, signal: AbortSignal): Promise<BaseBackupResult> {
  const relocate = request.relocate ?? ((location) => location);
  for (const path of [request.pgData, request.walDirectory]) if (path !== undefined) await prepareTarget(path);
  const connection = await connectToServer(request.connection, 'replication', signal);
  try {
    const source = await identifySystem(connection);
    const major = majorVersion(connection.serverParameters.get('server_version') ?? '');
    const slotUsed = await keepWal(connection, request.slot);
    const writer = createWriter(request, relocate);
    const options = { label: request.label, checkpoint: request.checkpoint };
    const end = await streamBaseBackup(connection, major, options, writer.receiver).finally(writer.abandon);
    const { start, tablespaces, received, receivedBytes, manifest } = writer.result();
    verifyManifest(manifest, received);
    await writeFile(join(request.pgData, 'backup_manifest'), manifest, { mode: 0o600 });
    await finish(request, major, signal);
    return { source, major, start, end, tablespaces, receivedBytes, slotUsed };
  } finally {
    connection.close();
  }
}

/** SQLSTATEs of a server that has no slot left, or no slots at all. */
const noSlot = ['53400', '55000'];

async function keepWal(connection: Parameters<typeof createTemporarySlot>[0], slot: string): Promise<boolean> {
  try {
    await createTemporarySlot(connection, slot);
    return true;
  } catch (error) {
    if (error instanceof ServerError && noSlot.includes(error.code)) return false;
    throw error;
  }
}

async function prepareTarget(path: string): Promise<void> {
  if (existsSync(path) && (await readdir(path)).length > 0) {
    throw new Error(`${path} is not empty; a base backup is only written into an empty directory`);
  }
  makePrivateDirectory(path);
}

/** Collects a backup: archives go to disk at once, the manifest waits in memory for the comparison. */
function createWriter(request: BaseBackupRequest, relocate: (location: string) => string) {
  const received: ReceivedFiles = new Map();
  const manifest: Buffer[] = [];
  let started: { start: BackupPosition; tablespaces: readonly BackupTablespace[] } | undefined;
  let current:
    | { extractor: ReturnType<typeof createExtractor>; parser: ReturnType<typeof createTarParser> }
    | undefined;
  let receivedBytes = 0;
  let estimatedBytes = 0;
  const receiver: BackupReceiver = {
    start(start, tablespaces, estimate) {
      started = { start, tablespaces };
      estimatedBytes = estimate;
    },
    archive(tablespace) {
      const directory = tablespace === undefined ? request.pgData : relocate(tablespace.location);
      if (tablespace !== undefined) makePrivateDirectory(directory);
      const extractor = createExtractor({
        directory,
        prefix: tablespace === undefined ? '' : `pg_tblspc/${tablespace.oid}/`,
        walDirectory: tablespace === undefined ? request.walDirectory : undefined,
        relocate,
        received,
      });
      current = { extractor, parser: createTarParser(extractor) };
    },
    archiveData(piece) {
      current?.parser.push(piece);
      receivedBytes += piece.length;
      request.onProgress?.({ receivedBytes, estimatedBytes });
    },
    archiveEnd: () => current?.parser.finish(),
    manifestData: (piece) => void manifest.push(Buffer.from(piece)),
  };
  return {
    receiver,
    abandon: () => current?.extractor.abandon(),
    result() {
      if (started === undefined) throw new Error('the base backup never started');
      return { ...started, received, receivedBytes, manifest: Buffer.concat(manifest) };
    },
  };
}

async function finish(request: BaseBackupRequest, major: number, signal: AbortSignal): Promise<void> {
  if (request.walDirectory !== undefined) symlinkSync(request.walDirectory, join(request.pgData, 'pg_wal'));
  await syncDataDirectory(request.pgData, major, signal);
  const directory = await open(request.pgData, 'r');
  await directory.sync().finally(() => directory.close());
}
