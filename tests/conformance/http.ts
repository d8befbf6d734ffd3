/** Requests of the player. */

import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { RecordedRequest } from './recording.ts';
import type { TestServer } from './server.ts';
import type { Variables } from './variables.ts';

export interface Answer {
  status: number;
  headers: { 'content-type'?: string; warning?: string[]; 'retry-after'?: string };
  /** Parsed where it is JSON; undefined where it is empty. */
  body: unknown;
  text: string;
}

export interface Requester {
  send(recorded: RecordedRequest): Promise<Answer>;
  /** The answer while it is still coming. */
  open(recorded: RecordedRequest): Promise<IncomingMessage>;
  close(): void;
}

const TIMEOUT_MS = 60_000;

export function createRequester(server: TestServer, variables: Variables): Requester {
  const admin = new Agent({ ca: server.ca, cert: server.admin.cert, key: server.admin.key, keepAlive: true });
  const anonymous = new Agent({ ca: server.ca, keepAlive: true });
  const open = (recorded: RecordedRequest): Promise<IncomingMessage> => {
    const body = recorded.body === undefined ? undefined : bodyText(variables.fill(recorded.body));
    const options: RequestOptions = {
      method: recorded.method,
      agent: recorded.user === 'anonymous' ? anonymous : admin,
      headers: {
        'user-agent': 'conformance',
        ...variables.fill(recorded.headers ?? {}),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${server.url}${variables.fill(recorded.path)}`, options, resolve);
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error(`${recorded.path}: no answer in ${TIMEOUT_MS} ms`)));
      sent.once('error', reject);
      sent.end(body);
    });
  };
  return {
    open,
    async send(recorded) {
      const message = await open(recorded);
      const chunks: Buffer[] = [];
      for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('utf8');
      return { status: message.statusCode ?? 0, headers: headersOf(message), body: parse(text), text };
    },
    close() {
      admin.destroy();
      anonymous.destroy();
    },
  };
}

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Node joins repeated headers; the raw ones keep them apart. */
export function headersOf(message: IncomingMessage): Answer['headers'] {
  const warnings: string[] = [];
  message.rawHeaders.forEach((name, index) => {
    if (index % 2 === 0 && name.toLowerCase() === 'warning') warnings.push(message.rawHeaders[index + 1] ?? '');
  });
  const type = message.headers['content-type'];
  const retry = message.headers['retry-after'];
  return {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(warnings.length === 0 ? {} : { warning: warnings }),
    ...(retry === undefined ? {} : { 'retry-after': retry }),
  };
}
