import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http';
import { Agent, type RequestOptions, request as tlsRequest } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { ClientConfig, Credentials } from '../config/types.ts';
import { ConnectionError } from '../errors.ts';

export interface RawRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Time until the answer's headers; none for a watch. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Transport {
  /** Sends a request; resolves with the headers in, the body still to be read. */
  send(request: RawRequest): Promise<IncomingMessage>;
  /** URL, headers and TLS settings for a WebSocket to the same server. */
  socketOptions(
    path: string,
  ): Promise<{ url: string; headers: Record<string, string>; tls: SecureContextOptions & TlsNames }>;
  close(): void;
}

interface TlsNames {
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** Requests over one keep-alive agent. A request on a kept connection that the server had just closed is sent again. */
export function createTransport(config: ClientConfig): Transport {
  const base = new URL(config.server);
  const secure = base.protocol === 'https:';
  const agent = secure ? new Agent(agentOptions) : new PlainAgent(agentOptions);
  const prefix = base.pathname.replace(/\/$/, '');

  async function send(request: RawRequest): Promise<IncomingMessage> {
    const credentials = await config.credentials();
    const options: RequestOptions = {
      method: request.method,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port || (secure ? 443 : 80),
      path: prefix + request.path,
      headers: { ...headersOf(config, credentials), ...lengthOf(request.body), ...request.headers },
      agent,
      ...(secure ? tlsOf(config, credentials) : {}),
    };
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await sendOnce(secure ? tlsRequest : plainRequest, options, request);
      } catch (error) {
        if (!(error instanceof StaleConnection) || attempt >= 3) throw unwrap(error, request);
      }
    }
  }

  return {
    send,
    async socketOptions(path) {
      const credentials = await config.credentials();
      const url = `${secure ? 'wss' : 'ws'}://${base.host}${prefix}${path}`;
      return { url, headers: headersOf(config, credentials), tls: tlsOf(config, credentials) };
    },
    close: () => agent.destroy(),
  };
}

const agentOptions = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets: Infinity, maxFreeSockets: 8, timeout: 0 };

/** Node leaves the length out for a DELETE, and its body would then be taken for the next request. */
function lengthOf(body: string | Buffer | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

class StaleConnection extends Error {}

function unwrap(error: unknown, request: RawRequest): unknown {
  if (request.signal?.aborted) return request.signal.reason;
  const cause = error instanceof StaleConnection ? error.cause : error;
  return new ConnectionError(`${request.method} ${request.path}`, cause);
}

function sendOnce(
  start: typeof tlsRequest | typeof plainRequest,
  options: RequestOptions,
  { body, timeoutMs, signal }: RawRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = start({ ...options, ...(signal ? { signal } : {}) });
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    outgoing.on('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      const reset = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(reset && outgoing.reusedSocket ? new StaleConnection('stale connection', { cause: error }) : error);
    });
    outgoing.end(body);
  });
}

function headersOf(config: ClientConfig, credentials: Credentials): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': config.userAgent ?? 'matriarch', accept: 'application/json' };
  if (credentials.token) headers.authorization = `Bearer ${credentials.token}`;
  else if (credentials.username !== undefined) {
    const pair = Buffer.from(`${credentials.username}:${credentials.password ?? ''}`).toString('base64');
    headers.authorization = `Basic ${pair}`;
  }
  if (config.impersonate) {
    headers['impersonate-user'] = config.impersonate.user;
    const groups = config.impersonate.groups ?? [];
    if (groups.length > 0) headers['impersonate-group'] = groups.join(', ');
  }
  return headers;
}

function tlsOf(config: ClientConfig, credentials: Credentials): SecureContextOptions & TlsNames {
  return {
    ...(config.ca ? { ca: config.ca } : {}),
    ...(config.serverName ? { servername: config.serverName } : {}),
    ...(config.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
    ...(credentials.cert ? { cert: credentials.cert } : {}),
    ...(credentials.key ? { key: credentials.key } : {}),
  };
}

/** Reads a whole body. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** Node's headers with one string per name. */
export function flatHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
