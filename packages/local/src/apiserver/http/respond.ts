/** Writes answers. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import { ApiError, internal } from '../registry/errors.ts';

export function warningHeader(text: string): string {
  return `299 - "${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, ' ')}"`;
}

function head(res: ServerResponse, status: number, type: string, warnings: readonly string[]): void {
  res.statusCode = status;
  res.setHeader('content-type', type);
  res.setHeader('cache-control', 'no-cache, private');
  if (warnings.length > 0) res.setHeader('warning', warnings.map(warningHeader));
}

export function sendText(res: ServerResponse, status: number, text: string): void {
  head(res, status, 'text/plain; charset=utf-8', []);
  res.end(text);
}

/** `json` is the text of one object. */
export function sendJson(
  res: ServerResponse,
  status: number,
  json: string,
  warnings: readonly string[] = [],
  type = 'application/json',
): void {
  head(res, status, type, warnings);
  res.end(`${json}\n`);
}

export function sendObject(
  res: ServerResponse,
  status: number,
  object: unknown,
  format: 'json' | 'yaml' = 'json',
  warnings: readonly string[] = [],
): void {
  if (format === 'json') {
    sendJson(res, status, JSON.stringify(object), warnings);
    return;
  }
  head(res, status, 'application/yaml', warnings);
  res.end(stringify(object, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false }));
}

/** Anything thrown becomes a Status; what is not an ApiError is a fault of ours and logged by the caller. */
export function sendError(res: ServerResponse, error: unknown, warnings: readonly string[] = []): void {
  const refused = error instanceof ApiError ? error : internal(error instanceof Error ? error.message : String(error));
  const seconds = refused.details?.retryAfterSeconds;
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (seconds !== undefined && seconds > 0) res.setHeader('retry-after', String(seconds));
  sendJson(res, refused.code, JSON.stringify(refused.toStatus()), warnings);
}

export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** The whole body; refuses more than 3 MiB. */
export async function readBytes(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      const message = `Request entity too large: limit is ${MAX_BODY_BYTES}`;
      throw new ApiError(413, 'RequestEntityTooLarge', message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function readBody(req: IncomingMessage): Promise<string> {
  return (await readBytes(req)).toString('utf8');
}
