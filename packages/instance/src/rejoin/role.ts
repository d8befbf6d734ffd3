import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from '../files/atomic.ts';

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw error;
  }
}

/** Whether the data directory would start as a primary: it says nowhere that it is a standby's. */
export async function looksPrimary(pgData: string): Promise<boolean> {
  const signals = await Promise.all(['standby.signal', 'recovery.conf'].map((name) => exists(join(pgData, name))));
  return !signals.includes(true);
}

/** Makes the data directory start as a standby from now on. */
export async function markStandby(pgData: string): Promise<void> {
  await writeFile(join(pgData, 'standby.signal'), '', { mode: 0o600 });
  await rm(join(pgData, 'recovery.signal'), { force: true });
}

/** From now on the data counts as a former primary's, which has to find its way back before it is started. */
export async function unmarkStandby(pgData: string): Promise<void> {
  await rm(join(pgData, 'standby.signal'), { force: true });
}
