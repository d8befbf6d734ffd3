import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readControlData } from '@matriarch/postgres';

const segment = /^([0-9A-F]{8})[0-9A-F]{16}$/;

/**
 * The newest timeline that a data directory has WAL of. pg_control learns of a new timeline only by a checkpoint, on a
 * standby minutes after the first record of it; a file with its number is there from the first.
 */
export async function walTimeline(pgData: string): Promise<number> {
  const control = await readControlData(pgData);
  const names = await readdir(join(pgData, 'pg_wal'));
  const numbers = names.map((name) => Number.parseInt(segment.exec(name)?.[1] ?? '0', 16));
  return Math.max(control.checkpoint.timeline, control.minRecoveryEndTimeline, ...numbers);
}
