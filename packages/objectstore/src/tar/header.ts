/** Tar headers: POSIX.1-2001 ustar with pax extended headers where a value does not fit (pax(1), "EXTENDED DESCRIPTION"). */

export const blockSize = 512;

export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'pax' | 'pax-global' | 'gnu-name' | 'gnu-link';

export interface TarEntry {
  name: string;
  type: TarType;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970. */
  mtime: number;
  linkName: string;
}

const flags: Record<TarType, string> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  directory: '5',
  pax: 'x',
  'pax-global': 'g',
  'gnu-name': 'L',
  'gnu-link': 'K',
};
const typesByFlag = new Map(Object.entries(flags).map(([type, flag]) => [flag, type as TarType]));

const maxOctal = { id: 0o7777777, size: 0o77777777777 };

/** Bytes that fill up the last block of `size` bytes. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** The header blocks of an entry: one, or a pax extended header before it. */
export function encodeHeader(entry: TarEntry): Buffer {
  const records: [string, string][] = [];
  const fits = (text: string) => Buffer.byteLength(text) <= 100;
  if (!fits(entry.name)) records.push(['path', entry.name]);
  if (!fits(entry.linkName)) records.push(['linkpath', entry.linkName]);
  if (entry.size > maxOctal.size) records.push(['size', String(entry.size)]);
  if (entry.uid > maxOctal.id) records.push(['uid', String(entry.uid)]);
  if (entry.gid > maxOctal.id) records.push(['gid', String(entry.gid)]);
  const plain = plainHeader({
    ...entry,
    size: Math.min(entry.size, maxOctal.size),
    uid: Math.min(entry.uid, maxOctal.id),
    gid: Math.min(entry.gid, maxOctal.id),
  });
  return records.length === 0 ? plain : Buffer.concat([paxBlocks(records), plain]);
}

function paxBlocks(records: readonly [string, string][]): Buffer {
  const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const header = plainHeader({
    name: '././@PaxHeader',
    type: 'pax',
    size: body.length,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    linkName: '',
  });
  return Buffer.concat([header, body, Buffer.alloc(paddingOf(body.length))]);
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function plainHeader(entry: TarEntry): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, at: number, width: number) =>
    block.write(
      `${Math.trunc(value)
        .toString(8)
        .padStart(width - 1, '0')}\0`,
      at,
      'latin1',
    );
  block.write(entry.name, 0, 100);
  octal(entry.mode & 0o7777, 100, 8);
  octal(entry.uid, 108, 8);
  octal(entry.gid, 116, 8);
  octal(entry.size, 124, 12);
  octal(Math.max(0, entry.mtime), 136, 12);
  block.write(flags[entry.type], 156);
  block.write(entry.linkName, 157, 100);
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/**
 * Reads a header block; undefined for the zero block at the end of an archive.
 * @throws Error for a wrong checksum or an entry type that cannot be restored.
 */
export function decodeHeader(block: Buffer): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  checkSum(block);
  const flag = String.fromCharCode(block[156] ?? 0);
  const type = flag === '\0' || flag === '7' ? 'file' : typesByFlag.get(flag);
  const name = text(block, 0, 100);
  if (type === undefined) throw new Error(`tar entry "${name}" has type "${flag}", which cannot be restored`);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type,
    mode: number(block, 100, 8),
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    size: number(block, 124, 12),
    mtime: number(block, 136, 12),
    linkName: text(block, 157, 100),
  };
}

function checkSum(block: Buffer): void {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  if (sum !== number(block, 148, 8)) throw new Error('tar header with a wrong checksum: the archive is damaged');
}

function text(block: Buffer, at: number, width: number): string {
  const field = block.subarray(at, at + width);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? width : end);
}

/** Octal text, or base 256 when the first bit is set (GNU tar). */
function number(block: Buffer, at: number, width: number): number {
  if (((block[at] ?? 0) & 0x80) === 0) return Number.parseInt(text(block, at, width).trim() || '0', 8);
  let value = 0;
  for (let index = at + 1; index < at + width; index += 1) value = value * 256 + (block[index] ?? 0);
  return value;
}

/** The records of a pax extended header. */
export function parsePax(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const blank = body.indexOf(0x20, at);
    const length = Number.parseInt(body.toString('latin1', at, blank), 10);
    if (blank < 0 || !(length > 0)) throw new Error('tar archive holds a damaged pax header');
    const record = body.toString('utf8', blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
