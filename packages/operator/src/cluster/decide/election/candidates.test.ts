import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../draft.ts';
import { candidates } from './evidence.ts';

test('who is away, going, on its way back or stuck is no candidate', () => {
  const there = { receivedLsn: '0/5', timeLineID: 2 };
  const instances = [
    { name: 'c-1', active: true, report: there },
    { name: 'c-2', active: true, report: { ...there, isPgRewindRunning: true } },
    { name: 'c-3', active: true, report: there },
    { name: 'c-4', active: false, report: there },
    { name: 'c-5', active: true, report: undefined },
    { name: 'c-6', active: true, report: { ...there, unresponsiveReason: 'the volume does not answer' } },
    { name: 'c-7', active: true, report: { ...there, timeLineID: 1 } },
  ];
  const draft = { instances, status: { currentPrimary: 'c-1' } } as unknown as Draft;
  assert.deepEqual(
    candidates(draft).map(({ name }) => name),
    ['c-3'],
  );
});
