import type { Readable } from 'node:stream';

/** Reads a whole stream that must not exceed `limit` bytes. */
export async function readSmall(body: Readable, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > limit) {
      body.destroy();
      throw new RangeError(`object exceeds ${limit} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}
