/** Reads what a log keeper wrote: by time, by count, and on as it grows. */
import { createReadStream, readFileSync, statSync, watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { logPath, timesPath } from './logs.ts';

export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly sinceTime: number | undefined;
  readonly limitBytes: number | undefined;
}

interface TimeMark {
  readonly offset: number;
  readonly time: number;
}

export function parseTimes(text: string): TimeMark[] {
  return text.split('\n').flatMap((line) => {
    const [offset, time] = line.split(' ');
    return offset && time ? [{ offset: Number(offset), time: Number(time) }] : [];
  });
}

function readTimes(path: string): TimeMark[] {
  try {
    return parseTimes(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
}

/** When the byte at this offset was written. Marks are sorted by offset. */
export function timeAt(marks: readonly TimeMark[], offset: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1]?.time ?? 0;
}

/** Offset of the first byte written at or after the time. */
export function offsetSince(marks: readonly TimeMark[], time: number, size: number): number {
  return marks.find((mark) => mark.time >= time)?.offset ?? size;
}

const CHUNK = 64 * 1024;

/** Offset at which the last `lines` lines begin. */
export async function offsetOfTail(path: string, lines: number, size: number): Promise<number> {
  if (lines === 0) return size;
  const file = await open(path, 'r');
  try {
    let found = 0;
    for (let end = size; end > 0; end -= CHUNK) {
      const start = Math.max(0, end - CHUNK);
      const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
      for (let at = buffer.length - 1; at >= 0; at--) {
        if (buffer[at] !== 10 || start + at === size - 1) continue;
        found += 1;
        if (found === lines) return start + at + 1;
      }
    }
    return 0;
  } finally {
    await file.close();
  }
}

/** Puts the time before each line, also across chunks. */
function stamper(times: string): (chunk: Buffer, offset: number) => Buffer {
  let atLineStart = true;
  let marks = readTimes(times);
  return (chunk, offset) => {
    if ((marks.at(-1)?.offset ?? -1) < offset) marks = readTimes(times);
    const parts: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (atLineStart) parts.push(Buffer.from(`${stamp(timeAt(marks, offset + at))} `));
      const newline = chunk.indexOf(10, at);
      const end = newline < 0 ? chunk.length : newline + 1;
      parts.push(chunk.subarray(at, end));
      atLineStart = newline >= 0;
      at = end;
    }
    return Buffer.concat(parts);
  };
}

function stamp(time: number): string {
  return new Date(time).toISOString().replace('Z', '000000Z');
}

async function startOffset(log: string, times: string, options: LogOptions, size: number): Promise<number> {
  const { tailLines, sinceTime } = options;
  const since = sinceTime === undefined ? 0 : offsetSince(readTimes(times), sinceTime, size);
  const tail = tailLines === undefined || size === 0 ? 0 : await offsetOfTail(log, tailLines, size);
  return Math.max(since, tail);
}

/**
 * The log of one run. With `follow` it goes on until `ended` says that no more comes, or the signal ends it.
 * The part before a rotation is given only when neither a tail nor a time is asked for.
 */
export async function* readLog(
  directory: string,
  attempt: number,
  options: LogOptions,
  ended: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const log = logPath(directory, attempt);
  const times = timesPath(directory, attempt);
  const wholeLog = options.tailLines === undefined && options.sinceTime === undefined;
  if (wholeLog && statSync(`${log}.1`, { throwIfNoEntry: false })) {
    yield* stamped(`${log}.1`, 0, Number.POSITIVE_INFINITY, options.timestamps ? stamper(`${times}.1`) : undefined);
  }
  const mark = options.timestamps ? stamper(times) : undefined;
  let size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  let offset = await startOffset(log, times, options, size);
  while (!signal.aborted) {
    // Asked before the size is read: what is written before the end is then still given.
    const last = !options.follow || ended();
    size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    if (size < offset) offset = 0;
    if (size > offset) yield* stamped(log, offset, size, mark);
    offset = size;
    if (last) return;
    await changeOf(log, size, ended, signal);
  }
}

async function* stamped(
  path: string,
  start: number,
  end: number,
  mark: ((chunk: Buffer, offset: number) => Buffer) | undefined,
): AsyncGenerator<Buffer> {
  let offset = start;
  for await (const chunk of createReadStream(path, { start, end: end - 1 })) {
    const bytes = chunk as Buffer;
    yield mark ? mark(bytes, offset) : bytes;
    offset += bytes.length;
  }
}

const LOOK_AGAIN_MS = 250;

/** Resolves when the file changes, and after a while in any case, for the end of a container changes no file. */
function changeOf(path: string, size: number, ended: () => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      watcher.close();
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const watcher = watch(path, done);
    watcher.on('error', done);
    const timer = setTimeout(done, LOOK_AGAIN_MS);
    signal.addEventListener('abort', done, { once: true });
    if (ended() || (statSync(path, { throwIfNoEntry: false })?.size ?? 0) !== size) done();
  });
}
