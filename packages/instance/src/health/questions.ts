import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { checkReadiness, socketPath } from '@matriarch/postgres';
import pg from 'pg';
import type { Lane } from '../lane.ts';

/** Asks once; resolves to whether an answer came. Never rejects, and may wait as long as there is none. */
export type Question = () => Promise<'answer' | 'none'>;

const probeFile = '.volume-probe';
const connectPatienceMs = 30_000;

/**
 * Writes a block and waits until it is on the disk, on the same blocks each time. In the root of the volume and not in the
 * data directory, which base backups copy.
 */
export function volumeQuestion(path: string): Question {
  const block = Buffer.alloc(512, 'x');
  return async () => {
    try {
      const handle = await open(join(path, probeFile), constants.O_WRONLY | constants.O_CREAT, 0o600);
      try {
        await handle.write(block, 0, block.length, 0);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    } catch {
      // A refusal is an answer; PostgreSQL meets the same one and says more about it.
    }
    return 'answer';
  };
}

/** Whether the postmaster still takes new connections. */
export function connectionQuestion(socketDirectory: string): Question {
  return async () =>
    (await checkReadiness(socketPath(socketDirectory), connectPatienceMs)) === 'no response' ? 'none' : 'answer';
}

/** Whether a session still works. The lane waits for as long as there is no answer, so no sessions pile up. */
export function sessionQuestion(lane: Lane): Question {
  return async () => {
    try {
      await lane.query('SELECT 1');
      return 'answer';
    } catch (error) {
      return error instanceof pg.DatabaseError ? 'answer' : 'none';
    }
  };
}
