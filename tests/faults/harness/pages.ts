/**
 * PostgreSQL's own data checksums, computed over the files of a data directory: the packages that bring `postgres` have no
 * pg_checksums. The server may run: a page that is being written is read again.
 */
import { statSync } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pageSize = 8192;
const pagesPerSegment = 131_072;
const pagesPerRead = 64;
const sumCount = 32;
const prime = 16_777_619;
/** So many damaged pages tell as much as all of them. */
const enough = 10;
const relationFile = /^\d+(?:_(?:fsm|vm|init))?(?:\.(\d+))?$/;

/** Start values of the 32 sums that run side by side, as PostgreSQL defines them. */
const startValues = Uint32Array.of(
  ...[0x5b1f36e9, 0xb8525960, 0x02ab50aa, 0x1de66d2a, 0x79ff467a, 0x9bb9f8a3, 0x217e7cd2, 0x83e13d2c],
  ...[0xf8d4474f, 0xe39eb970, 0x42c6ae16, 0x993216fa, 0x7b093b5d, 0x98daff3c, 0xf718902a, 0x0b1c9cdb],
  ...[0xe58f764b, 0x187636bc, 0x5d7b3bb1, 0xe73de7de, 0x92bec979, 0xcca6c0b2, 0x304a0979, 0x85aa43d4],
  ...[0x783125bb, 0x6ca8eaa2, 0xe407eac6, 0x4b5cfc3e, 0x9fbf8c76, 0x15ca20be, 0xf2ca9fd3, 0x959bd756],
);

const sums = new Uint32Array(sumCount);

/** The checksum that a page at a place must carry. `page` is 8 KiB, aligned to words. */
export function pageChecksum(page: Buffer, block: number): number {
  const words = new Uint32Array(page.buffer, page.byteOffset, pageSize / 4);
  sums.set(startValues);
  for (let at = 0; at < words.length; at++) {
    // The place of the checksum itself, the lower half of the third word, counts as zero.
    const word = at === 2 ? (words[at] as number) & 0xff_ff_00_00 : (words[at] as number);
    mix(at % sumCount, word);
  }
  for (let round = 0; round < 2; round++) for (let index = 0; index < sumCount; index++) mix(index, 0);
  let result = block;
  for (const sum of sums) result ^= sum;
  return ((result >>> 0) % 65_535) + 1;
}

function mix(index: number, value: number): void {
  const mixed = (sums[index] as number) ^ value;
  sums[index] = Math.imul(mixed, prime) ^ (mixed >>> 17);
}

/** A page that was never written to has no checksum. */
function isWhole(page: Buffer, block: number): boolean {
  return page.readUInt16LE(14) === 0 || page.readUInt16LE(8) === pageChecksum(page, block);
}

export interface PagesResult {
  /** How many were computed. */
  readonly pages: number;
  /** File and page of each that is damaged. */
  readonly damaged: readonly string[];
}

/** Files that were clean, with the time of their last change: they are not read again before they change. */
export type CleanFiles = Map<string, number>;

/** Checks every page of every relation, but for files that are known to be clean. */
export async function checkPages(pgData: string, clean: CleanFiles = new Map()): Promise<PagesResult> {
  const databases = (await readdir(join(pgData, 'base'))).map((name) => join('base', name));
  const damaged: string[] = [];
  let pages = 0;
  for (const folder of ['global', ...databases]) {
    for (const name of await readdir(join(pgData, folder)).catch(() => [])) {
      const match = relationFile.exec(name);
      const path = join(pgData, folder, name);
      const changed = match === null ? undefined : statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (match === null || changed === undefined || clean.get(path) === changed) continue;
      const found = await checkFile(path, Number(match[1] ?? 0) * pagesPerSegment);
      pages += found.pages;
      if (found.damaged.length === 0) clean.set(path, changed);
      damaged.push(...found.damaged.map((page) => `${folder}/${name} page ${page}`));
      if (damaged.length >= enough) return { pages, damaged };
    }
  }
  return { pages, damaged };
}

async function checkFile(path: string, firstBlock: number): Promise<{ pages: number; damaged: number[] }> {
  const file = await open(path, 'r').catch(() => undefined);
  // Dropped meanwhile.
  if (file === undefined) return { pages: 0, damaged: [] };
  try {
    const buffer = Buffer.alloc(pageSize * pagesPerRead);
    const damaged: number[] = [];
    for (let page = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, page * pageSize);
      const count = Math.floor(bytesRead / pageSize);
      for (let index = 0; index < count; index++, page++) {
        const bytes = buffer.subarray(index * pageSize, (index + 1) * pageSize);
        if (!isWhole(bytes, firstBlock + page) && !(await isWholeLater(file, page, firstBlock))) damaged.push(page);
      }
      if (count < pagesPerRead) return { pages: page, damaged };
    }
  } finally {
    await file.close();
  }
}

const attempts = 10;
const pauseMs = 50;

async function isWholeLater(file: FileHandle, page: number, firstBlock: number): Promise<boolean> {
  const bytes = Buffer.alloc(pageSize);
  for (let attempt = 0; attempt < attempts; attempt++) {
    await delay(pauseMs);
    const { bytesRead } = await file.read(bytes, 0, pageSize, page * pageSize);
    // Truncated meanwhile.
    if (bytesRead < pageSize || isWhole(bytes, firstBlock + page)) return true;
  }
  return false;
}
