/** Names of WAL files and of their objects (PostgreSQL manual, "WAL Internals"; object layout of barman-cloud). */

const walName = /^[0-9A-F]{8}(?:[0-9A-F]{16}(?:\.[0-9A-F]{8}\.backup|\.partial)?|\.history)$/i;
const segmentName = /^[0-9A-F]{24}$/i;

/** Whether a file name is one that PostgreSQL archives: segment, partial segment, backup label or timeline history. */
export function isWalName(name: string): boolean {
  return walName.test(name);
}

/** Whether a file name is a plain, complete segment. */
export function isSegmentName(name: string): boolean {
  return segmentName.test(name);
}

export function isHistoryName(name: string): boolean {
  return name.endsWith('.history');
}

/** Timeline of a WAL file name. */
export function timelineOf(name: string): number {
  return Number.parseInt(name.slice(0, 8), 16);
}

/** Path of a WAL file below `<server>/wals/`, without compression extension. History files have no folder. */
export function walPath(name: string): string {
  return isHistoryName(name) ? name : `${name.slice(0, 16).toUpperCase()}/${name}`;
}

const hex8 = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');

/** Name of the segment that holds a position. */
export function segmentOf(timeline: number, lsn: string, segmentSize: number): string {
  const [high, low] = parseLsn(lsn);
  return hex8(timeline) + hex8(high) + hex8(Math.floor(low / segmentSize));
}

/** Offset of a position within its segment. */
export function segmentOffset(lsn: string, segmentSize: number): number {
  return parseLsn(lsn)[1] % segmentSize;
}

function parseLsn(lsn: string): [high: number, low: number] {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new RangeError(`"${lsn}" is not an LSN such as 0/3000028`);
  return [Number.parseInt(match[1], 16), Number.parseInt(match[2], 16)];
}

/** An LSN as a number that compares; exact, as positions stay far below 2^53 bytes of WAL in the high half. */
export function lsnToBigInt(lsn: string): bigint {
  const [high, low] = parseLsn(lsn);
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The segment after this one on the same timeline. */
export function nextSegment(name: string, segmentSize: number): string {
  const last = Math.floor(0x1_0000_0000 / segmentSize) - 1;
  const log = Number.parseInt(name.slice(8, 16), 16);
  const segment = Number.parseInt(name.slice(16, 24), 16);
  return segment >= last ? name.slice(0, 8) + hex8(log + 1) + hex8(0) : name.slice(0, 16) + hex8(segment + 1);
}

/** Segments from `first` to `last`, both included. */
export function* segmentRange(first: string, last: string, segmentSize: number): Generator<string> {
  for (let name = first; name <= last; name = nextSegment(name, segmentSize)) yield name;
}
