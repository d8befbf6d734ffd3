import type { Connection } from '../protocol/connect.ts';
import { type Lsn, parseLsn } from '../wal/lsn.ts';
import { nextMessage, type Row, readRows, readUntilReady, sendCommand } from './session.ts';

export interface BackupTablespace {
  readonly oid: number;
  readonly location: string;
}

export interface BackupPosition {
  readonly lsn: Lsn;
  readonly timeline: number;
}

export interface BackupOptions {
  readonly label: string;
  readonly checkpoint: 'fast' | 'spread';
}

/** Who takes the parts of a base backup as they come. */
export interface BackupReceiver {
  /** Before the first archive. Sizes are the server's estimate. */
  start(position: BackupPosition, tablespaces: readonly BackupTablespace[], estimatedBytes: number): void;
  /** A new archive; undefined = the data directory itself. */
  archive(tablespace: BackupTablespace | undefined): void;
  archiveData(piece: Buffer): void;
  archiveEnd(): void;
  manifestData(piece: Buffer): void;
}

/** PostgreSQL 15 sends all archives in one stream with marks; before, each has a stream of its own. */
const oneStreamSince = 15;

/**
 * Runs BASE_BACKUP with the WAL it needs and with a manifest, and hands its parts on. Resolves to where the backup
 * ends, which the server says only when all of it was sent.
 */
export async function streamBaseBackup(
  connection: Connection,
  major: number,
  options: BackupOptions,
  receiver: BackupReceiver,
): Promise<BackupPosition> {
  sendCommand(connection, backupCommand(major, options));
  const start = positionOf(await readRows(connection));
  const rows = await readRows(connection);
  const tablespaces = rows.flatMap((row) => tablespaceOf(row) ?? []);
  const kilobytes = rows.reduce((sum, row) => sum + Number(row.size ?? 0), 0);
  receiver.start(start, tablespaces, kilobytes * 1024);
  if (major >= oneStreamSince) await readOneStream(connection, tablespaces, receiver);
  else await readManyStreams(connection, rows, receiver);
  const end = positionOf(await readRows(connection));
  await readUntilReady(connection);
  return end;
}

function backupCommand(major: number, { label, checkpoint }: BackupOptions): string {
  const quoted = `'${label.replaceAll("'", "''")}'`;
  if (major >= oneStreamSince) {
    return `BASE_BACKUP (LABEL ${quoted}, PROGRESS, CHECKPOINT '${checkpoint}', WAL, WAIT false, MANIFEST 'yes', MANIFEST_CHECKSUMS 'CRC32C')`;
  }
  const fast = checkpoint === 'fast' ? ' FAST' : '';
  return `BASE_BACKUP LABEL ${quoted} PROGRESS${fast} WAL NOWAIT MANIFEST 'yes' MANIFEST_CHECKSUMS 'CRC32C'`;
}

function positionOf([row]: readonly Row[]): BackupPosition {
  const [lsn, timeline] = Object.values(row ?? {});
  return { lsn: parseLsn(lsn ?? ''), timeline: Number(timeline) };
}

/** The row of the data directory has no oid. */
function tablespaceOf(row: Row): BackupTablespace | undefined {
  const oid = row.spcoid;
  if (oid === null || oid === undefined) return undefined;
  return { oid: Number(oid), location: row.spclocation ?? '' };
}

/** Pieces of one copy stream, to its end. */
async function* copyPieces(connection: Connection): AsyncGenerator<Buffer> {
  for (;;) {
    const { type, body } = await nextMessage(connection);
    if (type === 'd') yield body;
    else if (type === 'c') return;
    else if (type !== 'H') throw new Error(`unexpected message "${type}" in a base backup`);
  }
}

async function readOneStream(
  connection: Connection,
  tablespaces: readonly BackupTablespace[],
  receiver: BackupReceiver,
): Promise<void> {
  let part: 'none' | 'archive' | 'manifest' = 'none';
  const leave = () => {
    if (part === 'archive') receiver.archiveEnd();
  };
  for await (const piece of copyPieces(connection)) {
    const mark = String.fromCharCode(piece[0] ?? 0);
    if (mark === 'd') {
      if (part === 'archive') receiver.archiveData(piece.subarray(1));
      else receiver.manifestData(piece.subarray(1));
    } else if (mark === 'n') {
      leave();
      part = 'archive';
      const [name = ''] = piece.toString('utf8', 1).split('\0');
      receiver.archive(tablespaces.find(({ oid }) => name === `${oid}.tar`));
    } else if (mark === 'm') {
      leave();
      part = 'manifest';
    } else if (mark !== 'p') throw new Error(`unexpected mark "${mark}" in a base backup`);
  }
  if (part !== 'manifest') throw new Error('the base backup ended before its manifest');
}

async function readManyStreams(connection: Connection, rows: readonly Row[], receiver: BackupReceiver): Promise<void> {
  for (const row of rows) {
    receiver.archive(tablespaceOf(row));
    for await (const piece of copyPieces(connection)) receiver.archiveData(piece);
    receiver.archiveEnd();
  }
  for await (const piece of copyPieces(connection)) receiver.manifestData(piece);
}
