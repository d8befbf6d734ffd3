/** Frames of SPDY/3.1 as bytes. */
export const SYN_STREAM = 1;
export const SYN_REPLY = 2;
export const RST_STREAM = 3;
export const PING = 6;
export const GOAWAY = 7;
export const FIN = 1;

const VERSION = 3;
const HEADER_BYTES = 8;
/** More than any frame of a Kubernetes client; a length beyond it is no SPDY. */
const LARGEST_FRAME = 16 * 1024 * 1024 - 1;

export type Frame =
  | { readonly kind: 'data'; readonly stream: number; readonly flags: number; readonly body: Buffer }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly body: Buffer };

function lengthAndFlags(flags: number, length: number): number {
  return flags * 0x1000000 + length;
}

export function dataFrame(stream: number, body: Buffer, flags = 0): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(stream, 0);
  header.writeUInt32BE(lengthAndFlags(flags, body.length), 4);
  return Buffer.concat([header, body]);
}

export function controlFrame(type: number, body: Buffer, flags = 0): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(0x8000 | VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt32BE(lengthAndFlags(flags, body.length), 4);
  return Buffer.concat([header, body]);
}

/** Cuts bytes into frames; keeps what is not complete yet. */
export function createFrameReader(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    while (rest.length >= HEADER_BYTES) {
      const length = rest.readUInt32BE(4) & LARGEST_FRAME;
      if (rest.length < HEADER_BYTES + length) break;
      frames.push(toFrame(rest, rest.subarray(HEADER_BYTES, HEADER_BYTES + length)));
      rest = rest.subarray(HEADER_BYTES + length);
    }
    return frames;
  };
}

function toFrame(header: Buffer, body: Buffer): Frame {
  const flags = header.readUInt8(4);
  const first = header.readUInt16BE(0);
  if ((first & 0x8000) === 0) return { kind: 'data', stream: header.readUInt32BE(0) & 0x7fffffff, flags, body };
  if ((first & 0x7fff) !== VERSION) throw new Error(`SPDY version ${first & 0x7fff} is not spoken here, only 3`);
  return { kind: 'control', type: header.readUInt16BE(2), flags, body };
}
