import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { S3Error } from './errors.ts';

/**
 * The content of a request body. Four forms are in use, told by x-amz-content-sha256: a hash of the whole, unsigned,
 * and the chunked encodings `STREAMING-...` with or without signatures and trailers.
 */
export async function* requestContent(body: Readable, payload: string): AsyncGenerator<Buffer> {
  if (payload.startsWith('STREAMING-')) {
    yield* unchunk(body as AsyncIterable<Buffer>);
    return;
  }
  const expected = /^[0-9a-f]{64}$/.test(payload) ? payload : undefined;
  const hash = createHash('sha256');
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (expected !== undefined) hash.update(piece);
    yield piece;
  }
  if (expected !== undefined && hash.digest('hex') !== expected) {
    throw new S3Error('BadDigest', 'The body is not the one that x-amz-content-sha256 announced.');
  }
}

/**
 * Decodes `aws-chunked`: `SIZE[;chunk-signature=...]\r\n`, data, `\r\n`, until a chunk of size 0 and trailers. The
 * connection is the server's own machine, so chunk signatures are not checked beside the request's signature.
 */
async function* unchunk(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer = Buffer.alloc(0);
  /** Bytes of the current chunk still to come; undefined between chunks. */
  let left: number | undefined;
  let ended = false;
  for await (const piece of body) {
    // After the last chunk come trailers, read away so that the connection can serve the next request.
    if (ended) continue;
    waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece]);
    while (!ended) {
      if (left === undefined) {
        const header = takeHeader(waiting);
        if (header === undefined) break;
        waiting = waiting.subarray(header.length);
        left = header.size;
        if (left === 0) {
          ended = true;
          break;
        }
      }
      const data = waiting.subarray(0, left);
      if (data.length > 0) yield data;
      waiting = waiting.subarray(data.length);
      left -= data.length;
      if (left > 0 || waiting.length < 2) break;
      waiting = waiting.subarray(2);
      left = undefined;
    }
  }
  if (!ended) throw new S3Error('IncompleteBody', 'The chunked body ends before its last chunk.');
}

function takeHeader(waiting: Buffer): { size: number; length: number } | undefined {
  const end = waiting.indexOf('\r\n');
  if (end < 0) return undefined;
  const size = Number.parseInt(waiting.toString('latin1', 0, end), 16);
  if (!(size >= 0)) throw new S3Error('IncompleteBody', 'The chunked body holds a chunk without a size.');
  return { size, length: end + 2 };
}

/** A whole small body as text. */
export async function readText(body: AsyncIterable<Buffer>, limit = 4 * 1024 * 1024): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > limit) throw new S3Error('EntityTooLarge', `The body exceeds ${limit} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
