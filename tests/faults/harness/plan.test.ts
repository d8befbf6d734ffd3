import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultKind } from './kinds/kind.ts';
import { planFaults } from './plan.ts';

const kinds = Array.from({ length: 7 }, (_, index): FaultKind => {
  return { name: `kind ${index}`, group: 'kill', primary: 'stays', inject: async () => undefined };
});
const names = (seed: number, count: number) =>
  planFaults(kinds, seed, count).map(({ kind, seed }) => `${kind.name} ${seed}`);

test('the same seed plans the same faults, another one others', () => {
  assert.deepEqual(names(5, 30), names(5, 30));
  assert.notDeepEqual(names(5, 30), names(6, 30));
});

test('a longer run begins like a shorter one', () => {
  assert.deepEqual(names(5, 100).slice(0, 7), names(5, 7));
});

test('every kind comes before one comes twice', () => {
  for (let seed = 0; seed < 50; seed++) {
    const planned = planFaults(kinds, seed, 14).map(({ kind }) => kind.name);
    assert.equal(new Set(planned.slice(0, 7)).size, 7);
    assert.equal(new Set(planned.slice(7)).size, 7);
  }
});

test('no kinds give no faults', () => {
  assert.deepEqual(planFaults([], 1, 5), []);
});
