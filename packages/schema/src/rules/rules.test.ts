import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonSchema, ValidationRule } from '../types.ts';
import { ruleProblem } from './compile.ts';
import { validateRules } from './evaluate.ts';
import { quantityOf } from './quantity.ts';

const FIELDS: JsonSchema = {
  type: 'object',
  properties: {
    min: { type: 'integer' },
    max: { type: 'integer' },
    ratio: { type: 'number' },
    size: { type: 'string' },
    when: { type: 'string', format: 'date-time' },
    names: { type: 'array', items: { type: 'string' } },
    map: { type: 'object', additionalProperties: { type: 'integer' } },
    'dashed-name': { type: 'string' },
  },
};

function failures(rule: ValidationRule, value: Json, old?: Json): string[] {
  const schema = { ...FIELDS, 'x-kubernetes-validations': [rule] };
  return validateRules(value, old, schema, 'spec').map((error) => `${error.field}: ${error.message}`);
}

const holds: readonly (readonly [string, Json])[] = [
  ['!has(self.min) || self.min <= self.max', { min: 1, max: 2 }],
  ['self.ratio > 1.0', { ratio: 2 }],
  ["self.size.endsWith('Gi') && self.size.matches('^[0-9]+Gi$')", { size: '10Gi' }],
  ["quantity(self.size).isLessThan(quantity('2Gi'))", { size: '1Gi' }],
  ["self.when < timestamp('2025-01-01T00:00:00Z')", { when: '2024-01-01T00:00:00Z' }],
  ["self.names.all(n, n != 'x') && self.names.exists_one(n, n == 'a')", { names: ['a', 'b'] }],
  ["self.names.filter(n, n.startsWith('a')).map(n, n.upperAscii()) == ['A']", { names: ['a', 'b'] }],
  ['self.names.isSorted() && size(self.names) == 2', { names: ['a', 'b'] }],
  ['self.map.all(k, self.map[k] < 5)', { map: { a: 1 } }],
  ["self.__dashed__name == 'x' || true", {}],
  ["self.dashed__dash__name == 'x'", { 'dashed-name': 'x' }],
  ["isURL(self.size) && url(self.size).getHost() == 'x.io:80'", { size: 'https://x.io:80/p' }],
  ["isIP('10.0.0.1') && ip('::1').family() == 6 && isCIDR('10.0.0.0/8')", {}],
  ["'a1b22'.findAll('[0-9]+') == ['1', '22'] && [3, 1].max() == 3 && [1, 2].sum() == 3", {}],
];

for (const [rule, value] of holds) test(`holds: ${rule}`, () => assert.deepEqual(failures({ rule }, value), []));

test('a broken rule tells its message, or itself', () => {
  assert.deepEqual(failures({ rule: 'self.min < 1', message: 'too big' }, { min: 2 }), [
    'spec: Invalid value: "object": too big',
  ]);
  assert.deepEqual(failures({ rule: 'self.min < 1' }, { min: 2 }), [
    'spec: Invalid value: "object": failed rule: self.min < 1',
  ]);
  const rule = { rule: 'self.min < 1', messageExpression: "'min is ' + string(self.min)" };
  assert.deepEqual(failures(rule, { min: 2 }), ['spec: Invalid value: "object": min is 2']);
});

test('a missing field is an error of the rule', () => {
  assert.deepEqual(failures({ rule: 'self.min < 1', message: 'm' }, {}), [
    'spec: Invalid value: "object": no such key: min evaluating rule: m',
  ]);
});

test('transition rules run on updates only', () => {
  const rule = { rule: 'self.min >= oldSelf.min', message: 'may not fall' };
  assert.deepEqual(failures(rule, { min: 1 }), []);
  assert.deepEqual(failures(rule, { min: 1 }, { min: 2 }), ['spec: Invalid value: "object": may not fall']);
});

test('elements of map lists are found by their keys, of other lists not at all', () => {
  const items: JsonSchema = {
    type: 'object',
    properties: { k: { type: 'string' }, v: { type: 'integer' } },
    'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v' }],
  };
  const keyed: JsonSchema = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
    items,
  };
  const before = [{ k: 'a', v: 5 }];
  const after = [
    { k: 'b', v: 1 },
    { k: 'a', v: 4 },
  ];
  assert.deepEqual(
    validateRules(after, before, keyed, 'l').map((error) => error.field),
    ['l[1]'],
  );
  assert.deepEqual(validateRules(after, before, { type: 'array', items }, 'l'), []);
});

const refused: readonly (readonly [string, string])[] = [
  [
    "self.min == 'x'",
    "compilation failed: ERROR: <input>:1:10: found no matching overload for '_==_' applied to '(int, string)'\n | self.min == 'x'\n | .........^",
  ],
  ['self.min + 1', 'cel expression must evaluate to a bool'],
  ['self.nothing', "compilation failed: ERROR: <input>:1:5: undefined field 'nothing'\n | self.nothing\n | ....^"],
  [
    'other.x',
    "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other.x\n | ^",
  ],
];

for (const [rule, expected] of refused) {
  test(`refuses ${rule}`, () => assert.equal(ruleProblem({ rule }, FIELDS, false), expected));
}

test('accepts what is right', () => {
  for (const [rule] of holds.filter(([text]) => !text.includes('__dashed__'))) {
    assert.equal(ruleProblem({ rule }, FIELDS, false), undefined, rule);
  }
});

test('quantities', () => {
  assert.equal(quantityOf('1500m'), 1.5);
  assert.equal(quantityOf('1Ki'), 1024);
  assert.equal(quantityOf('2e3'), 2000);
  assert.equal(quantityOf('1 Gi'), undefined);
});
