import { Transform } from 'node:stream';
import { compress, uncompress } from 'snappyjs';
import { crc32c } from './crc32c.ts';

/**
 * Snappy's framing format (framing_format.txt of the snappy project): a stream identifier, then chunks of a type byte,
 * a 24-bit little-endian length, a masked CRC-32C of the uncompressed bytes and the data.
 */
const identifier = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]);
const compressedChunk = 0x00;
const plainChunk = 0x01;
const maxChunk = 65_536;

function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function frame(data: Buffer): Buffer {
  const packed = compress(data);
  const useful = packed.length < data.length;
  const body = useful ? packed : data;
  const header = Buffer.alloc(8);
  header[0] = useful ? compressedChunk : plainChunk;
  header.writeUIntLE(body.length + 4, 1, 3);
  header.writeUInt32LE(maskedCrc(data), 4);
  return Buffer.concat([header, body]);
}

/** Compresses to the framing format. */
export function snappyCompress(): Transform {
  let started = false;
  let waiting: Buffer = Buffer.alloc(0);
  const start = (stream: Transform) => {
    if (!started) stream.push(identifier);
    started = true;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      start(this);
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      let offset = 0;
      for (; waiting.length - offset >= maxChunk; offset += maxChunk) {
        this.push(frame(waiting.subarray(offset, offset + maxChunk)));
      }
      waiting = waiting.subarray(offset);
      done();
    },
    flush(done) {
      start(this);
      if (waiting.length > 0) this.push(frame(waiting));
      done();
    },
  });
}

/** Reads the framing format; a wrong checksum or an unknown mandatory chunk is an error. */
export function snappyDecompress(): Transform {
  let waiting: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      let offset = 0;
      try {
        while (waiting.length - offset >= 4) {
          const length = waiting.readUIntLE(offset + 1, 3);
          if (waiting.length - offset < 4 + length) break;
          const data = readChunk(waiting[offset] ?? 0, waiting.subarray(offset + 4, offset + 4 + length));
          if (data !== undefined) this.push(data);
          offset += 4 + length;
        }
      } catch (error) {
        done(error as Error);
        return;
      }
      waiting = waiting.subarray(offset);
      done();
    },
    flush(done) {
      done(waiting.length > 0 ? new Error('snappy stream ends within a chunk') : null);
    },
  });
}

function readChunk(type: number, body: Buffer): Buffer | undefined {
  if (type === compressedChunk || type === plainChunk) {
    const data = type === compressedChunk ? Buffer.from(uncompress(body.subarray(4))) : body.subarray(4);
    if (maskedCrc(data) !== body.readUInt32LE(0)) throw new Error('snappy chunk has a wrong checksum');
    return data;
  }
  if (type >= 0x02 && type <= 0x7f) throw new Error(`snappy stream holds a chunk of unknown type ${type}`);
  return undefined;
}
