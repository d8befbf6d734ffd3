import { setTimeout as sleep } from 'node:timers/promises';
import { type Archive, findWal } from '@matriarch/objectstore';

const longestMs = 30 * 60_000;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * Waits until the primary has archived the last segment of a backup taken from a standby. On a quiet primary that is
 * when archive_timeout ends the segment.
 */
export async function waitForArchived(archive: Archive, endWal: string): Promise<void> {
  const end = performance.now() + longestMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    if ((await findWal(archive, endWal)) !== undefined) return;
    if (performance.now() > end) {
      throw new Error(`WAL segment ${endWal}, which the backup needs, was not archived within 30 minutes`);
    }
    await sleep(pause);
  }
}
