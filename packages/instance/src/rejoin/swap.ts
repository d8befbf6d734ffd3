/**
 * Replacing a data directory by a complete copy beside it.
 *
 *   DIR + DIR.copy (being filled) -> DIR.copy/.copy-complete -> DIR renamed to DIR.former -> DIR.copy renamed to DIR
 *   -> DIR.former removed
 *
 * A crash before the mark leaves the old directory and rubbish beside it; after it, `finishSwap` goes on where it
 * stopped. There is a moment without DIR, but never one without a complete directory.
 */
import { access, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../files/atomic.ts';
import { removeMark } from './mark.ts';

const completeMark = '.copy-complete';

export const copyDirectory = (pgData: string): string => `${pgData}.copy`;
const formerDirectory = (pgData: string): string => `${pgData}.former`;

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Declares the copy complete and puts it in place of the data directory. */
export async function swapIn(pgData: string): Promise<void> {
  await writeFileAtomic(join(copyDirectory(pgData), completeMark), '');
  await finishSwap(pgData);
}

/** Completes an interrupted swap, and removes what an interrupted copy left. Harmless at any time. */
export async function finishSwap(pgData: string): Promise<void> {
  const copy = copyDirectory(pgData);
  const former = formerDirectory(pgData);
  if (await exists(join(copy, completeMark))) {
    if (await exists(pgData)) {
      await rm(former, { recursive: true, force: true });
      await rename(pgData, former);
    }
    await rename(copy, pgData);
  }
  await rm(join(pgData, completeMark), { force: true });
  // A mark beside a standby's data was left by a crash after everything had been done.
  if (await exists(join(pgData, 'standby.signal'))) await removeMark(pgData);
  await rm(copy, { recursive: true, force: true });
  await rm(former, { recursive: true, force: true });
}

/** The directory whose file system takes the copy. */
export const copyVolume = (pgData: string): string => dirname(pgData);
