import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { errorText, type Logger } from '../logger.ts';

export interface Answer {
  readonly status: number;
  readonly body: string | Buffer;
  readonly type?: string;
}

export interface RouteRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
  /** The request body; more than `limit` bytes are refused. */
  body(limit: number): Promise<Buffer>;
}

/** Answers a request, or takes the response over and resolves to undefined. */
export type Handler = (request: RouteRequest) => Promise<Answer | undefined> | Answer | undefined;

export const text = (status: number, body: string): Answer => ({ status, body, type: 'text/plain; charset=utf-8' });
export const json = (status: number, value: unknown): Answer => ({
  status,
  body: JSON.stringify(value),
  type: 'application/json',
});

/** Serves exact paths; an exception becomes a 500 with its text. */
export function router(routes: Readonly<Record<string, Handler>>, logger: Logger): RequestListener {
  return (raw, response) => {
    const url = new URL(raw.url ?? '/', 'http://localhost');
    const handler = routes[url.pathname];
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const request: RouteRequest = {
      method: raw.method ?? 'GET',
      query: url.searchParams,
      raw,
      response,
      signal: gone.signal,
      body: (limit) => readBody(raw, limit),
    };
    const answer = handler === undefined ? Promise.resolve(text(404, '404 page not found\n')) : run(handler, request);
    answer
      .then((result) => {
        if (result !== undefined) send(response, result);
      })
      .catch((error: unknown) => {
        logger.error({ path: url.pathname, error: errorText(error) }, 'A request failed');
        if (response.headersSent) response.destroy();
        else send(response, text(500, errorText(error)));
      });
  };
}

async function run(handler: Handler, request: RouteRequest): Promise<Answer | undefined> {
  return handler(request);
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.writableEnded) return;
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}

const silenceMs = 20_000;

async function readBody(raw: IncomingMessage, limit: number): Promise<Buffer> {
  raw.setTimeout(silenceMs, () => raw.destroy(new Error(`no more of the request body for ${silenceMs} ms`)));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw) {
    size += chunk.length;
    if (size > limit) throw new Error(`the request body is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  raw.setTimeout(0);
  return Buffer.concat(chunks);
}
