/** A step that is a watch, with steps played while it is open. */

import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { compare, compareSet } from './compare.ts';
import { eventWithoutDeviations } from './deviations.ts';
import { headersOf, type Requester } from './http.ts';
import { compareHead, comparison } from './play-request.ts';
import type { RecordedResponse, Step, WatchedEvent } from './recording.ts';
import { capture, type Variables } from './variables.ts';

const QUIET_MS = 800;
const MOMENT_MS = 200;
const PATIENCE_MS = 10_000;

interface Stream {
  events: WatchedEvent[];
  ended: boolean;
  /** Waits until there are `count` events, the stream ended or the time is over. */
  until(count: number, ms: number): Promise<void>;
}

function follow(message: IncomingMessage): Stream {
  let rest = '';
  let wake = (): void => {};
  const stream: Stream = {
    events: [],
    ended: false,
    async until(count, ms) {
      const deadline = Date.now() + ms;
      while (stream.events.length < count && !stream.ended && Date.now() < deadline) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([woken, sleep(deadline - Date.now())]);
      }
    },
  };
  message.setEncoding('utf8');
  message.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') addEvent(stream.events, line);
    wake();
  });
  const end = (): void => {
    stream.ended = true;
    wake();
  };
  message.once('end', end).once('close', end).once('error', end);
  return stream;
}

/** Successive bookmarks count as one, the last. */
function addEvent(events: WatchedEvent[], line: string): void {
  const { type, object } = JSON.parse(line) as WatchedEvent;
  if (type === 'BOOKMARK' && events.at(-1)?.type === 'BOOKMARK') events.pop();
  events.push({ ...(type === undefined ? {} : { type }), ...(object === undefined ? {} : { object }) });
}

export async function playWatch(
  step: Step,
  requester: Requester,
  variables: Variables,
  playDuring: (steps: readonly Step[]) => Promise<void>,
): Promise<string | undefined> {
  const { request, response } = step;
  if (request === undefined || response?.events === undefined) return 'the step holds no watch';
  const message = await requester.open(request);
  try {
    const head = compareHead(response, { status: message.statusCode ?? 0, headers: headersOf(message) }, variables);
    if (head !== undefined) return head;
    const stream = follow(message);
    const early = await checkInitial(step, stream);
    await playDuring(step.during ?? []);
    return early ?? (await checkEvents(response, stream, step, variables));
  } finally {
    message.destroy();
  }
}

async function checkInitial(step: Step, stream: Stream): Promise<string | undefined> {
  if (step.initial === undefined) return undefined;
  await stream.until(step.initial, PATIENCE_MS);
  await sleep(MOMENT_MS);
  const count = stream.events.length;
  return count === step.initial ? undefined : `expected ${step.initial} events at first, got ${count}`;
}

async function checkEvents(
  response: RecordedResponse,
  stream: Stream,
  step: Step,
  variables: Variables,
): Promise<string | undefined> {
  const expected = (response.events ?? []).map(eventWithoutDeviations);
  if (response.closed === true) {
    await stream.until(Number.POSITIVE_INFINITY, 30_000);
    if (!stream.ended) return 'the server did not end the watch';
  } else {
    await stream.until(expected.length, PATIENCE_MS);
    await sleep(QUIET_MS);
    if (stream.ended) return 'the server ended the watch';
  }
  capture(variables, step.capture, stream.events);
  const got = stream.events.map(eventWithoutDeviations);
  if (got.length !== expected.length) {
    const types = stream.events.map((event) => event.type).join(', ');
    return `expected ${expected.length} events, got ${got.length}: ${types} ${JSON.stringify(got).slice(0, 400)}`;
  }
  const how = comparison({ status: 200, headers: {} }, variables);
  const free = typeof response.unordered === 'number' ? response.unordered : 0;
  return (
    compareSet(expected.slice(0, free), got.slice(0, free), how, ['events']) ??
    compare(expected.slice(free), got.slice(free), how, ['events'])
  );
}
