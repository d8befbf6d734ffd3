import { Buffer } from 'node:buffer';

const blockSize = 512;

export interface TarHeader {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly size: number;
  readonly linkTarget: string;
}

/** Who takes the members of an archive, in their order. Calls are synchronous: the sender waits meanwhile. */
export interface TarSink {
  begin(header: TarHeader): void;
  data(piece: Buffer): void;
  /** The member is whole. */
  end(): void;
}

export interface TarParser {
  push(piece: Buffer): void;
  /** @throws Error when the archive stops within a member. Servers before 15 send no end mark; that is all right. */
  finish(): void;
}

/** Reads the plain ustar archives of a base backup as they arrive, in pieces of any size. */
export function createTarParser(sink: TarSink): TarParser {
  let header: Buffer = Buffer.alloc(0);
  let content = 0;
  let padding = 0;
  let inMember = false;

  const beginMember = (block: Buffer) => {
    const member = readHeader(block);
    if (member === undefined) return;
    sink.begin(member);
    content = member.type === 'file' ? member.size : 0;
    padding = (blockSize - (content % blockSize)) % blockSize;
    inMember = true;
    if (content === 0) endMember();
  };
  const endMember = () => {
    inMember = false;
    sink.end();
  };

  return {
    push(piece) {
      let rest = piece;
      while (rest.length > 0) {
        if (content > 0) {
          const part = rest.subarray(0, content);
          sink.data(part);
          content -= part.length;
          rest = rest.subarray(part.length);
          if (content === 0) endMember();
        } else if (padding > 0) {
          const skipped = Math.min(padding, rest.length);
          padding -= skipped;
          rest = rest.subarray(skipped);
        } else {
          const part = rest.subarray(0, blockSize - header.length);
          header = header.length === 0 ? part : Buffer.concat([header, part]);
          rest = rest.subarray(part.length);
          if (header.length < blockSize) return;
          const block = header;
          header = Buffer.alloc(0);
          beginMember(block);
        }
      }
    },
    finish() {
      if (inMember || padding > 0 || header.length > 0)
        throw new Error('the archive of the base backup ends within a file');
    },
  };
}

/** Undefined for a block of the end mark. */
function readHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  if (sum !== readNumber(block, 148, 8))
    throw new Error('the archive of the base backup is damaged: a header checksum is wrong');
  const name = readText(block, 0, 100);
  const prefix = readText(block, 345, 155);
  const flag = String.fromCharCode(block[156] ?? 0);
  return {
    name: (prefix === '' ? name : `${prefix}/${name}`).replace(/\/$/, ''),
    type: typeOf(flag, name),
    mode: readNumber(block, 100, 8) & 0o777,
    size: readNumber(block, 124, 12),
    linkTarget: readText(block, 157, 100),
  };
}

function typeOf(flag: string, name: string): TarHeader['type'] {
  if (flag === '0' || flag === '\0') return 'file';
  if (flag === '5') return 'directory';
  if (flag === '2') return 'symlink';
  throw new Error(`the archive of the base backup holds "${name}" of the unknown type "${flag}"`);
}

function readText(block: Buffer, at: number, width: number): string {
  const field = block.subarray(at, at + width);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? width : end);
}

/** Octal digits, or base 256 with the first bit set, which PostgreSQL uses for files over 8 GiB. */
function readNumber(block: Buffer, at: number, width: number): number {
  if (((block[at] ?? 0) & 0x80) === 0) return Number.parseInt(readText(block, at, width).trim() || '0', 8);
  let value = (block[at] ?? 0) & 0x7f;
  for (let index = at + 1; index < at + width; index += 1) value = value * 256 + (block[index] ?? 0);
  return value;
}
