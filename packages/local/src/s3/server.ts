import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readText, requestContent } from './body.ts';
import { lookUpKey } from './credentials.ts';
import { S3Error, s3ErrorBody, stsErrorBody } from './errors.ts';
import { createBucket } from './index-store.ts';
import { answerXml } from './request.ts';
import { route } from './route.ts';
import { readSignature, verifySignature } from './signature.ts';
import { S3Storage } from './storage.ts';
import { assumeRoleWithWebIdentity, type TokenService } from './sts.ts';

export interface S3ServerOptions extends TokenService {
  /** Folder of this store's files. */
  folder: string;
  /** Made at the start when they are not there. */
  buckets: readonly string[];
  now?: () => Date;
}

export interface S3Server {
  listen(host: string, port: number): Promise<{ url: string }>;
  close(): Promise<void>;
}

/** An object store and token service as Amazon's S3 and STS, both at one address, path-style. */
export async function createS3Server(options: S3ServerOptions): Promise<S3Server> {
  const now = options.now ?? (() => new Date());
  const storage = new S3Storage(options.folder);
  await storage.sweep();
  for (const bucket of options.buckets) createBucket(storage, bucket, now());
  const server = createServer({ requestTimeout: 0 }, (incoming, response) => {
    handle(options, storage, now, incoming, response).catch((error: unknown) => fail(incoming, response, error));
  });
  return {
    listen: (host, port) => listen(server, host, port),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      storage.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<{ url: string }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve({ url: `http://${host}:${(server.address() as AddressInfo).port}` }));
  });
}

/** A form without signature on `/` is for the token service; everything else is signed and for the object store. */
function isTokenRequest(incoming: IncomingMessage): boolean {
  return (
    incoming.method === 'POST' &&
    /^\/(\?|$)/.test(incoming.url ?? '') &&
    (incoming.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  );
}

async function handle(
  options: S3ServerOptions,
  storage: S3Storage,
  now: () => Date,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (isTokenRequest(incoming)) {
    const form = new URLSearchParams(await readText(incoming));
    answerXml(response, await assumeRoleWithWebIdentity(options, form, now(), randomUUID()));
    return;
  }
  const [rawPath = '/', rawQuery = ''] = splitOnce(incoming.url ?? '/', '?');
  const query = new URLSearchParams(rawQuery);
  const signed = { method: incoming.method ?? 'GET', rawPath, query, headers: incoming.headers };
  const facts = readSignature(signed);
  const { principal, secret } = lookUpKey(options.keys, facts.accessKeyId, facts.sessionToken, now());
  verifySignature(signed, facts, secret, now());
  const [bucket = '', key = ''] = splitOnce(decodeURIComponent(rawPath.slice(1)), '/');
  const content = requestContent(incoming, facts.payload);
  const request = {
    method: signed.method,
    bucket,
    key,
    query,
    incoming,
    response,
    content,
    principal,
    storage,
    now: now(),
  };
  await route(request, options.roles);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function fail(incoming: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = error instanceof S3Error ? error : new S3Error('InternalError', explain(error));
  const requestId = randomUUID();
  const body = isTokenRequest(incoming)
    ? stsErrorBody(refusal, requestId)
    : s3ErrorBody(refusal, incoming.url ?? '/', requestId);
  // What is left of a refused body is not read, so the connection cannot carry another request.
  response.writeHead(refusal.status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
    'x-amz-request-id': requestId,
    connection: 'close',
  });
  response.end(incoming.method === 'HEAD' ? undefined : body);
}

const sqliteFull = 13;

function explain(error: unknown): string {
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && errcode !== sqliteFull) return 'The request could not be served.';
  return 'The disk of the object store is full; free some space on it and try again.';
}
