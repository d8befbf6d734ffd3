import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { decideFencing } from './fencing.ts';

function cluster(annotation?: string): Cluster {
  const annotations = annotation === undefined ? {} : { 'cnpg.io/fencedInstances': annotation };
  return {
    metadata: { name: 'c', annotations },
    spec: { instances: 2 },
    status: { instanceNames: ['c-1', 'c-2'] },
  } as unknown as Cluster;
}

test('fencing on and off, and what changes nothing', () => {
  const cases: [string | undefined, 'on' | 'off', string, string | null | undefined][] = [
    [undefined, 'on', 'c-2', '["c-2"]'],
    ['["c-2"]', 'on', 'c-1', '["c-1","c-2"]'],
    ['["c-2"]', 'on', '*', '["*"]'],
    ['["c-2"]', 'on', 'c-2', undefined],
    ['["*"]', 'on', 'c-2', undefined],
    ['["*"]', 'on', '*', undefined],
    ['["c-1","c-2"]', 'off', 'c-1', '["c-2"]'],
    ['["c-1"]', 'off', 'c-1', null],
    ['["c-1"]', 'off', 'c-2', undefined],
    ['["c-9"]', 'off', 'c-9', null],
    ['["*"]', 'off', '*', null],
    ['["c-1"]', 'off', '*', null],
    [undefined, 'off', '*', undefined],
    ['', 'off', 'c-1', undefined],
  ];
  for (const [annotation, kind, instance, value] of cases) {
    const found = decideFencing(cluster(annotation), { kind, instance });
    assert.deepEqual(found, value === undefined ? undefined : { value }, `${annotation} ${kind} ${instance}`);
  }
});

test('what cannot be is refused with the reason and the remedy', () => {
  const refused: [string | undefined, 'on' | 'off', string, RegExp][] = [
    [undefined, 'on', 'c-9', /c-9 is not an instance of cluster c; its instances are c-1, c-2/],
    [undefined, 'off', 'c-9', /c-9 is not an instance/],
    ['["*"]', 'off', 'c-1', /all instances of cluster c are fenced.*fencing off c '\*'/],
    ['c-1', 'on', 'c-1', /annotation cnpg.io\/fencedInstances is c-1; it must be a JSON array/],
    ['[1]', 'off', '*', /must be a JSON array/],
  ];
  for (const [annotation, kind, instance, message] of refused) {
    assert.throws(() => decideFencing(cluster(annotation), { kind, instance }), message);
  }
});
