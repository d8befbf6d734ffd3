/**
 * A file of random bytes on each vital volume. PostgreSQL must have some room for its WAL when somebody else has filled the
 * volume between two looks; then the file is removed. It is made again when the volume has room.
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import { errorText } from '../logger.ts';
import { isExhausted, type Level, reserveBytes, type VolumeSpace } from './levels.ts';

const fileName = '.space-reserve';
const pieceBytes = 2 ** 20;
const pauseMs = 50;

export interface Reserve {
  /**
   * Makes or removes the file as the level says. Making it takes a while and is not waited for; it is left until the
   * server is `settled`, when nobody waits for its start.
   */
  keep(volume: VolumeSpace, level: Level, server: 'settled' | 'starting'): Promise<void>;
}

export function createReserve(logger: Logger): Reserve {
  const making = new Map<string, AbortController>();
  const present = new Set<string>();

  const make = async (path: string, bytes: number, signal: AbortSignal) => {
    const file = join(path, fileName);
    const found = await stat(file).catch(() => undefined);
    if (found?.size !== bytes) await write(file, bytes, signal);
    present.add(path);
  };

  return {
    async keep(volume, level, server) {
      const { path } = volume;
      if (level === 'closed' && isExhausted(volume)) {
        making.get(path)?.abort();
        await rm(join(path, fileName), { force: true });
        if (present.delete(path)) logger.warn({ path }, 'The reserve of the volume is given to PostgreSQL');
        return;
      }
      if (level !== 'roomy' || server !== 'settled' || !volume.vital || present.has(path) || making.has(path)) return;
      const stop = new AbortController();
      making.set(path, stop);
      make(path, reserveBytes(volume), stop.signal)
        .catch((error: unknown) => logger.warn({ path, error: errorText(error) }, 'No reserve could be made'))
        .finally(() => making.delete(path));
    },
  };
}

/** Random, since some file systems keep no room for bytes that say nothing. */
async function write(file: string, bytes: number, signal: AbortSignal): Promise<void> {
  const piece = randomBytes(pieceBytes);
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    for (let written = 0; written < bytes; written += pieceBytes) {
      signal.throwIfAborted();
      await handle.write(piece, 0, Math.min(pieceBytes, bytes - written));
      // In small portions: PostgreSQL waits for the same disk.
      await handle.datasync();
      await sleep(pauseMs, undefined, { signal });
    }
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
