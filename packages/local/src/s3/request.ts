import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from './credentials.ts';
import { S3Error } from './errors.ts';
import type { S3Storage } from './storage.ts';

/** One verified request on its way through the handlers. */
export interface S3Request {
  method: string;
  bucket: string;
  /** Empty for the bucket itself. */
  key: string;
  query: URLSearchParams;
  incoming: IncomingMessage;
  response: ServerResponse;
  /** The body's bytes, checked against what the signature says of them. */
  content: AsyncIterable<Buffer>;
  principal: Principal;
  storage: S3Storage;
  now: Date;
}

/** A header's value, the first where there are several. */
export function header(request: S3Request, name: string): string | undefined {
  const value = request.incoming.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function answerXml(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

export function answerEmpty(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, status === 204 ? headers : { 'content-length': '0', ...headers });
  response.end();
}

/** Compares `Content-MD5`, when the client sent one, with what arrived. */
export function checkContentMd5(request: S3Request, md5Hex: string): void {
  const expected = header(request, 'content-md5');
  if (expected !== undefined && Buffer.from(expected, 'base64').toString('hex') !== md5Hex) {
    throw new S3Error('BadDigest', 'The body is not the one that Content-MD5 announced.');
  }
}
