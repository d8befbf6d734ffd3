// The static types that come from the schemas: what must not compile is marked, and the compiler checks the marks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../cluster/kind.ts';
import { jsonSchema } from './jsonSchema.ts';
import { array, as, integer, map, object, required, type Static, string } from './nodes.ts';

const shape = object('A shape.', {
  name: required(string('Its name.', { minLength: 1 })),
  color: string('Its color.', { enum: ['red', 'green'], default: 'red' }),
  sides: array(integer('A length.', { minimum: 0 }), 'Its sides.', { listType: 'atomic' }),
  labels: map(string()),
});
type Shape = Static<typeof shape>;

test('a schema gives its static type', () => {
  const plain: Shape = { name: 'a' };
  const full: Shape = { name: 'a', color: 'green', sides: [1, 2], labels: { x: 'y' } };
  // @ts-expect-error name must be given
  const nameless: Shape = {};
  // @ts-expect-error not one of the colors
  const blue: Shape = { name: 'a', color: 'blue' };
  // @ts-expect-error instances must be given
  const cluster: Cluster = { metadata: { name: 'a', namespace: 'b' }, spec: {} };
  assert.deepEqual([plain, full, nameless, blue, cluster].length, 5);
});

test('a schema gives its JSON schema', () => {
  assert.deepEqual(jsonSchema(as(shape, 'Another shape.')), {
    description: 'Another shape.',
    type: 'object',
    required: ['name'],
    properties: {
      color: { description: 'Its color.', type: 'string', enum: ['red', 'green'], default: 'red' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      name: { description: 'Its name.', type: 'string', minLength: 1 },
      sides: {
        description: 'Its sides.',
        type: 'array',
        items: { description: 'A length.', type: 'integer', minimum: 0 },
        'x-kubernetes-list-type': 'atomic',
      },
    },
  });
});
