import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import type { Instance } from '../instance.ts';
import { createMemory } from './memory.ts';
import { heldValues, hold } from './refused.ts';

const clusterOf = (parameters: Record<string, string>) =>
  ({ metadata: { name: 'prod' }, spec: { instances: 1, postgresql: { parameters } } }) as unknown as Cluster;

test('values are held together for as long as the Cluster asks for the same, and each refusal is told', () => {
  const told: string[] = [];
  const instance = {
    options: { podName: 'prod-1' },
    logger: { error: () => undefined },
    events: { event: (_object: object, type: string, reason: string) => told.push(`${type} ${reason}`) },
  } as unknown as Instance;
  const memory = createMemory([], undefined as never);
  const wanted = clusterOf({ work_mem: 'plenty', no_such: 'x' });
  assert.deepEqual(heldValues(memory, wanted), {});
  hold(instance, memory, wanted, { no_such: undefined });
  hold(instance, memory, wanted, { work_mem: '4MB' });
  assert.deepEqual(heldValues(memory, wanted), { no_such: undefined, work_mem: '4MB' });
  assert.deepEqual(told, ['Warning ConfigurationRefused', 'Warning ConfigurationRefused']);
  const corrected = clusterOf({ work_mem: '8MB' });
  assert.deepEqual(heldValues(memory, corrected), {});
  hold(instance, memory, corrected, { other: '1' });
  assert.deepEqual(heldValues(memory, corrected), { other: '1' }, 'nothing of the old ones is left');
});
