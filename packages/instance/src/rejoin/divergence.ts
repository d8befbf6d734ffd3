import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lsn, parseHistory, segmentNameAt } from '@matriarch/postgres';
import { isMissingFile } from '../files/atomic.ts';

/**
 * Whether the WAL of a former primary goes on after the point where the new primary left its timeline.
 *
 * The rule: a server writes WAL before the data pages it describes, so a data directory whose own WAL ends at or
 * before the branch holds nothing that the new primary does not have. It can then follow as it is, after a clean
 * shutdown as well as after a crash. Anything else needs pg_rewind or a fresh copy. In doubt the answer is
 * `diverged`, which costs time and never data of the new primary.
 */
export type Divergence =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'diverged';
      readonly reason: string;
      /** Whether the new primary's timeline branched off from this one. */
      readonly descends: boolean;
    };

export interface DivergenceInput {
  readonly pgData: string;
  readonly timeline: number;
  readonly segmentSize: number;
  /** Where the record of the last checkpoint begins. */
  readonly checkpoint: Lsn;
  readonly newTimeline: number;
  /** The history file of the new timeline. */
  readonly history: string;
}

const walPageSize = 8192;
const recordHeaderSize = 24;
const shortPageHeader = 24;
const longPageHeader = 40;

export async function findDivergence(input: DivergenceInput): Promise<Divergence> {
  if (input.newTimeline === input.timeline) {
    return diverged(false, `the new primary is on timeline ${input.timeline} as well`);
  }
  const branch = parseHistory(input.history).find((entry) => entry.timeline === input.timeline);
  if (branch === undefined) {
    return diverged(false, `timeline ${input.newTimeline} does not come from timeline ${input.timeline}`);
  }
  const reason = 'it wrote WAL that the new primary never received';
  // The segment of the branch may have been recycled since; a checkpoint behind the branch tells as much.
  if (input.checkpoint >= branch.switchedAt) return diverged(true, reason);
  const page = await readWalPage(input, branch.switchedAt);
  if (page === undefined || !holdsRecord(page, branch.switchedAt, input.segmentSize)) return { kind: 'none' };
  return diverged(true, reason);
}

const diverged = (descends: boolean, reason: string): Divergence => ({ kind: 'diverged', descends, reason });

/** The page of WAL that holds a position, undefined when there is none on disk. */
async function readWalPage(input: DivergenceInput, lsn: Lsn): Promise<Buffer | undefined> {
  const name = segmentNameAt(input.timeline, lsn, input.segmentSize);
  try {
    const file = await open(join(input.pgData, 'pg_wal', name), 'r');
    try {
      const page = Buffer.alloc(walPageSize);
      const within = Number(lsn % BigInt(input.segmentSize));
      const { bytesRead } = await file.read(page, 0, walPageSize, within - (within % walPageSize));
      return bytesRead === walPageSize ? page : undefined;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/** Whether a WAL record begins at the position. A page of an older segment that was renamed carries another address. */
export function holdsRecord(page: Buffer, lsn: Lsn, segmentSize: number): boolean {
  const pageStart = lsn - (lsn % BigInt(walPageSize));
  if (page.readBigUInt64LE(8) !== pageStart) return false;
  let offset = Number(lsn - pageStart);
  if (offset === 0) offset = pageStart % BigInt(segmentSize) === 0n ? longPageHeader : shortPageHeader;
  const length = page.readUInt32LE(offset);
  if (length < recordHeaderSize) return false;
  if (offset + recordHeaderSize > walPageSize) return true;
  return page.readBigUInt64LE(offset + 8) < lsn;
}
