/** A step that is one request and one answer. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Comparison, compare, compareLines } from './compare.ts';
import { withoutDeviations } from './deviations.ts';
import type { Answer, Requester } from './http.ts';
import type { RecordedResponse, Step } from './recording.ts';
import { capture, type Variables } from './variables.ts';

const RETRY_MS = 100;

/** undefined: as recorded. */
export async function playRequest(step: Step, requester: Requester, variables: Variables): Promise<string | undefined> {
  const { request } = step;
  if (request === undefined) return 'the step holds no request';
  const deadline = Date.now() + (step.eventually ?? 0) * 1000;
  for (;;) {
    const answer = await requester.send(request);
    const wrong = step.prepare === true ? checkPreparation(step, answer) : checkAnswer(step, answer, variables);
    if (wrong === undefined || Date.now() >= deadline) {
      if (wrong !== undefined || step.prepare === true) capture(variables, step.capture, answer.body);
      return wrong;
    }
    await sleep(RETRY_MS);
  }
}

function checkPreparation(step: Step, answer: Answer): string | undefined {
  const wanted = step.status;
  const good =
    wanted === undefined ? Math.floor(answer.status / 100) === 2 || answer.status === 409 : answer.status === wanted;
  return good ? undefined : `preparation: status ${answer.status}: ${answer.text.slice(0, 300)}`;
}

function checkAnswer(step: Step, answer: Answer, variables: Variables): string | undefined {
  const expected = step.response;
  if (expected === undefined) return undefined;
  if (answer.status === expected.status) capture(variables, step.capture, answer.body);
  const wrong = compareHead(expected, answer, variables);
  return wrong ?? compareBody(step.request?.path ?? '', expected, answer, variables);
}

export function comparison(expected: RecordedResponse, variables: Variables): Comparison {
  return { variables, binding: {}, subset: expected.match === 'subset', unordered: expected.unordered === true };
}

export function compareHead(
  expected: RecordedResponse,
  answer: Pick<Answer, 'status' | 'headers'> & { text?: string },
  variables: Variables,
): string | undefined {
  if (expected.status !== answer.status) {
    return `status: expected ${expected.status}, got ${answer.status}: ${answer.text?.slice(0, 600) ?? ''}`;
  }
  const exact: Comparison = { variables, binding: {}, subset: false, unordered: false };
  return compare(expected.headers, answer.headers, exact, ['headers']);
}

function compareBody(
  path: string,
  expected: RecordedResponse,
  answer: Answer,
  variables: Variables,
): string | undefined {
  if (expected.body === undefined) return undefined;
  if (expected.match === 'subset' && typeof answer.body === 'string') {
    if (typeof expected.body === 'string') return compareLines(expected.body.split('\n'), answer.text, true);
    const { lines = [] } = expected.body as { lines?: string[] };
    return compareLines(lines, answer.text, false);
  }
  const [wanted, got] = [withoutDeviations(path, expected.body), withoutDeviations(path, answer.body)];
  return compare(wanted, got, comparison(expected, variables));
}
