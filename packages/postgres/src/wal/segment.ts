import type { Lsn } from './lsn.ts';

/** PostgreSQL's own limits for the size of a WAL segment. */
const smallest = 1024 * 1024;
const largest = 1024 * 1024 * 1024;

export interface Segment {
  readonly timeline: number;
  /** Number of the segment since the beginning of the log: position / segment size. */
  readonly number: bigint;
}

const segmentPattern = /^[0-9A-F]{24}$/;

/** @throws Error when the size is not a power of two from 1 MiB to 1 GiB. */
export function checkSegmentSize(size: number): void {
  if (!Number.isInteger(size) || size < smallest || size > largest || (size & (size - 1)) !== 0) {
    throw new Error(`WAL segment size ${size}: must be a power of two from 1 MiB to 1 GiB`);
  }
}

/** Segments that share the middle eight digits of their names. */
function segmentsPerLog(size: number): bigint {
  return 0x1_0000_0000n / BigInt(size);
}

export function isSegmentName(name: string): boolean {
  return segmentPattern.test(name);
}

/** @throws Error when the name is not one of a segment of this size. */
export function parseSegmentName(name: string, size: number): Segment {
  checkSegmentSize(size);
  if (!segmentPattern.test(name))
    throw new Error(`"${name}" is not the name of a WAL segment: expected 24 upper-case hexadecimal digits`);
  const log = BigInt(`0x${name.slice(8, 16)}`);
  const inLog = BigInt(`0x${name.slice(16)}`);
  if (inLog >= segmentsPerLog(size))
    throw new Error(`WAL segment "${name}" cannot exist with segments of ${size} bytes`);
  return { timeline: Number.parseInt(name.slice(0, 8), 16), number: log * segmentsPerLog(size) + inLog };
}

export function segmentName(segment: Segment, size: number): string {
  checkSegmentSize(size);
  const perLog = segmentsPerLog(size);
  return [BigInt(segment.timeline), segment.number / perLog, segment.number % perLog]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
}

/** The name of the segment that holds the byte at `lsn`. */
export function segmentNameAt(timeline: number, lsn: Lsn, size: number): string {
  return segmentName({ timeline, number: lsn / BigInt(size) }, size);
}

export function segmentStart(segment: Segment, size: number): Lsn {
  return segment.number * BigInt(size);
}

/** The name after this one on the same timeline. */
export function nextSegmentName(name: string, size: number): string {
  const { timeline, number } = parseSegmentName(name, size);
  return segmentName({ timeline, number: number + 1n }, size);
}
