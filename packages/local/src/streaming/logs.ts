/** pods/log */
import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { badRequest } from '../apiserver/registry/errors.ts';
import type { StreamTarget } from '../apiserver/registry/hooks.ts';
import { type LogOptions, readLog } from '../node/log-reader.ts';
import { findContainer, type StreamingContext } from './find.ts';

function number(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw badRequest(`${name}: "${text}" must be a whole number, at least ${least}`);
  return value;
}

export function logOptions(query: URLSearchParams, now: number): LogOptions {
  const seconds = number(query, 'sinceSeconds', 1);
  const since = query.get('sinceTime') || undefined;
  if (since !== undefined && Number.isNaN(Date.parse(since)))
    throw badRequest(`sinceTime: "${since}" is no time: write 2024-01-31T10:00:00Z`);
  const flag = (name: string) => query.get(name) === 'true' || query.get(name) === '1';
  return {
    follow: flag('follow'),
    timestamps: flag('timestamps'),
    tailLines: number(query, 'tailLines', 0),
    sinceTime: since === undefined ? (seconds === undefined ? undefined : now - seconds * 1000) : Date.parse(since),
    limitBytes: number(query, 'limitBytes', 1),
  };
}

export async function sendLog(context: StreamingContext, target: StreamTarget, res: ServerResponse): Promise<void> {
  const { container } = findContainer(context, target);
  const { facts, logDirectory } = container;
  const options = logOptions(target.query, Date.now());
  const previous = target.query.get('previous') === 'true';
  if (previous && facts.restartCount === 0) {
    throw badRequest(`previous terminated container "${facts.name}" in pod "${target.name}" not found`);
  }
  const attempt = facts.restartCount - (previous ? 1 : 0);
  const ended = () => previous || facts.restartCount !== attempt || facts.state.running === undefined;
  const over = new AbortController();
  finished(res, () => over.abort());
  res.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  res.flushHeaders();
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const chunk of readLog(logDirectory, attempt, options, ended, over.signal)) {
    if (!res.write(chunk.subarray(0, Math.min(left, chunk.length)))) await drained(res, over.signal);
    left -= chunk.length;
    if (left <= 0) break;
  }
  res.end();
}

/** A reader that is slow makes us wait, not fill memory. */
function drained(res: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    res.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
