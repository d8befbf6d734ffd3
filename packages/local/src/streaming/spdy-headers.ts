/** Header blocks of SPDY/3: name and value pairs, compressed with one zlib stream for each direction. */
import { constants, createDeflate, createInflate } from 'node:zlib';

/** Words with their length before them, then loose text, as the protocol fixes it (draft-mbelshe-httpbis-spdy-00, 2.6.10.1). */
const WORDS =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length content-location ' +
  'content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match ' +
  'if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range ' +
  'referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method ' +
  'get status';
const LAST_WORDS = ['200 OK', 'version', 'HTTP/1.1', 'url', 'public', 'set-cookie', 'keep-alive', 'origin'];
const TEXT =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden' +
  '404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable' +
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,' +
  'publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export const DICTIONARY = Buffer.concat([...[...WORDS.split(' '), ...LAST_WORDS].map(withLength), Buffer.from(TEXT)]);

export type Headers = ReadonlyMap<string, string>;

export function encodePairs(headers: Headers): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(headers.size);
  return Buffer.concat([count, ...[...headers].flatMap(([name, value]) => [withLength(name), withLength(value)])]);
}

/** Names in lower case. Throws on a block that is cut off. */
export function decodePairs(block: Buffer): Map<string, string> {
  let at = 4;
  const text = () => {
    const length = block.readUInt32BE(at);
    at += 4 + length;
    if (at > block.length) throw new RangeError('SPDY header block is cut off');
    return block.toString('utf8', at - length, at);
  };
  const headers = new Map<string, string>();
  for (let left = block.readUInt32BE(0); left > 0; left--) headers.set(text().toLowerCase(), text());
  return headers;
}

export interface HeaderCodec {
  encode(headers: Headers): Promise<Buffer>;
  decode(block: Buffer): Promise<Map<string, string>>;
}

type Coder = ReturnType<typeof createDeflate> | ReturnType<typeof createInflate>;

function pass(coder: Coder, input: Buffer, flush: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const collect = () => {
      coder.off('error', reject);
      const parts: Buffer[] = [];
      for (let part = coder.read() as Buffer | null; part !== null; part = coder.read() as Buffer | null)
        parts.push(part);
      resolve(Buffer.concat(parts));
    };
    coder.once('error', reject);
    coder.write(input, () => {
      if (flush) coder.flush(constants.Z_SYNC_FLUSH, collect);
      else collect();
    });
  });
}

/** Blocks must be coded in the order in which they are on the wire. */
export function createHeaderCodec(): HeaderCodec {
  const deflate = createDeflate({ dictionary: DICTIONARY });
  const inflate = createInflate({ dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
  return {
    encode: (headers) => pass(deflate, encodePairs(headers), true),
    decode: async (block) => decodePairs(await pass(inflate, block, false)),
  };
}
