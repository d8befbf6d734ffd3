import { statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Exit code by which the operator knows that the volume is full. */
export const noSpaceExitCode = 4;

/** There is no room for one more WAL segment: PostgreSQL would stop at once. */
export class NoSpaceError extends Error {}

/** Bytes that can still be written where the path lies. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

export async function checkWalSpace(pgData: string, segmentSize: number): Promise<void> {
  const free = await freeBytes(join(pgData, 'pg_wal'));
  if (free < segmentSize) {
    throw new NoSpaceError(
      `no free disk space for WALs: ${free} bytes left in ${pgData}/pg_wal, a segment takes ${segmentSize}`,
    );
  }
}
