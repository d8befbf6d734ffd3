import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfExists } from '../files/atomic.ts';
import type { Instance } from '../instance.ts';
import type { Lane } from '../lane.ts';
import { errorText } from '../logger.ts';
import type { Restraint } from './levels.ts';
import { endSessionsSql, restrainedHba, restraintConf, restraintFile, type Spared } from './restraint.ts';

/**
 * Brings the running server to the restraint: ends sessions, which works at once, and writes the files that keep others
 * from taking their place; who comes in between the two is ended at the next look. Done at every look while there is a
 * restraint, and once when it ends.
 */
export async function restrain(instance: Instance, lane: Lane, restraint: Restraint, spared: Spared): Promise<void> {
  if (restraint === 'none') return writeFiles(instance, restraint);
  // Each helps without the other.
  const outcomes = await Promise.allSettled([
    endSessions(instance, lane, restraint, spared),
    writeFiles(instance, restraint),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function writeFiles(instance: Instance, restraint: Restraint): Promise<void> {
  const { pgData } = instance.options.layout;
  const hbaPath = join(pgData, 'pg_hba.conf');
  const hba = await readIfExists(hbaPath);
  const changed = [
    await writeQuickly(join(pgData, restraintFile), restraintConf(restraint)),
    hba === undefined ? false : await writeQuickly(hbaPath, restrainedHba(hba, restraint)),
  ];
  if (!changed.includes(true)) return;
  instance.lifecycle.reload();
  instance.logger.info({ restraint }, 'PostgreSQL was told what its clients may do');
}

async function endSessions(
  instance: Instance,
  lane: Lane,
  restraint: Exclude<Restraint, 'none'>,
  spared: Spared,
): Promise<void> {
  const [row] = await lane.query<{ ended: number }>(endSessionsSql(restraint, spared));
  if (row === undefined || row.ended === 0) return;
  instance.logger.warn({ restraint, sessions: row.ended }, 'Sessions were ended: the volume is nearly full');
}

/** Without a flush, which takes long while others write at full speed; at each start the files are written anew. */
async function writeQuickly(path: string, content: string): Promise<boolean> {
  if (((await readIfExists(path)) ?? '') === content) return false;
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, path);
  return true;
}

/** Old WAL can be used again after a checkpoint. One at a time, and not waited for. */
export function createCheckpointer(instance: Instance): (everyMs: number) => void {
  let running = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  return (everyMs) => {
    if (running || performance.now() - lastAt < everyMs) return;
    running = true;
    lastAt = performance.now();
    instance.database
      .withConnection('postgres', (connection) => connection.query('CHECKPOINT'))
      .catch((error: unknown) => instance.logger.warn({ error: errorText(error) }, 'A checkpoint failed'))
      .finally(() => {
        running = false;
      });
  };
}
