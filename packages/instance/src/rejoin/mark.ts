/** The mark beside a data directory that is not whole while a rejoin works on it; see decide.ts. */
import { rm } from 'node:fs/promises';
import { readIfExists, writeFileAtomic } from '../files/atomic.ts';

/** Beside the directory: pg_rewind removes from it what the primary has not. */
const markPath = (pgData: string): string => `${pgData}.rejoining`;

export async function setMark(pgData: string): Promise<void> {
  await writeFileAtomic(markPath(pgData), 'The data directory beside this file is not whole.\n');
}

export async function isMarked(pgData: string): Promise<boolean> {
  return (await readIfExists(markPath(pgData))) !== undefined;
}

export async function removeMark(pgData: string): Promise<void> {
  await rm(markPath(pgData), { force: true });
}

/** @throws Error where the data directory must not be started as a primary, since a rejoin was cut off in it. */
export async function assertWhole(pgData: string): Promise<void> {
  if (!(await isMarked(pgData))) return;
  throw new Error(
    `${pgData} is not whole: its rejoin was cut off. It cannot be a primary; name another instance as the target, or delete this one's pod and PVCs`,
  );
}
