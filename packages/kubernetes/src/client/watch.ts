import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { ApiError, type StatusBody } from '../errors.ts';
import type { KubernetesObject } from '../resource.ts';

export interface WatchEvent<T extends KubernetesObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

/** Turns the lines of a watch answer into events; an ERROR line ends it with an ApiError. */
export async function* watchEvents<T extends KubernetesObject>(
  response: IncomingMessage,
  request: string,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines(response)) {
    const event = JSON.parse(line) as { type: string; object: unknown };
    if (event.type === 'ERROR') {
      const status = event.object as StatusBody;
      throw new ApiError(status.code ?? 500, status, request);
    }
    yield event as WatchEvent<T>;
  }
}

/** Splits a stream of bytes at line feeds; empty lines are left out. */
export async function* lines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of source) {
    const parts = decoder.write(chunk).split('\n');
    parts[0] = rest + (parts[0] ?? '');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield part;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
