import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completeResource, type JsonObject, type JsonSchema, schemaProblems, validateResource } from './index.ts';

const schema: JsonSchema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['instances'],
      properties: {
        instances: { type: 'integer', minimum: 1, maximum: 9, default: 1 },
        image: { type: 'string', minLength: 1, default: 'db:16' },
        mode: { type: 'string', enum: ['async', 'sync'] },
        owner: { type: 'string', pattern: '^[a-z]+$', maxLength: 8 },
        ratio: { type: 'number', multipleOf: 0.5, minimum: 0, exclusiveMinimum: true },
        port: { 'x-kubernetes-int-or-string': true },
        note: { type: 'string', nullable: true, default: 'd' },
        when: { type: 'string', format: 'date-time' },
        storage: { type: 'object', default: {}, properties: { size: { type: 'string', default: '1Gi' } } },
        users: {
          type: 'array',
          maxItems: 3,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, role: { type: 'string', default: 'reader' } },
          },
        },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        parameters: { type: 'object', maxProperties: 2, additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        choice: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
        },
      },
    },
  },
};

function object(spec: JsonObject): JsonObject {
  return { apiVersion: 'db.example.com/v1', kind: 'Database', metadata: { name: 'x' }, spec };
}

function completed(spec: JsonObject): JsonObject {
  const made = object(structuredClone(spec));
  completeResource(made, schema);
  return made.spec as JsonObject;
}

function complaints(spec: JsonObject): string[] {
  const made = object(structuredClone(spec));
  completeResource(made, schema);
  return validateResource(made, undefined, schema).map((error) => `${error.field}: ${error.message}`);
}

test('defaults are filled in, also within defaults', () => {
  const expected = { instances: 1, image: 'db:16', note: 'd', storage: { size: '1Gi' } };
  assert.deepEqual(completed({}), expected);
  assert.deepEqual(completed({ instances: null, image: null, storage: null, tags: null }), expected);
});

test('unknown fields go, nullable nulls and free fields stay', () => {
  const spec = completed({
    note: null,
    unknown: 1,
    storage: { size: '2Gi', unknown: 1 },
    free: { any: [1] },
    template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', unknown: 1 }, spec: { any: true } },
    users: [{ name: 'a', unknown: 1 }],
  });
  assert.deepEqual(spec, {
    instances: 1,
    image: 'db:16',
    note: null,
    storage: { size: '2Gi' },
    free: { any: [1] },
    template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { any: true } },
    users: [{ name: 'a', role: 'reader' }],
  });
});

const refusals: readonly (readonly [JsonObject, string])[] = [
  [{ instances: 0 }, 'spec.instances: Invalid value: 0: spec.instances in body should be greater than or equal to 1'],
  [{ instances: 10 }, 'spec.instances: Invalid value: 10: spec.instances in body should be less than or equal to 9'],
  [
    { instances: '3' },
    'spec.instances: Invalid value: "string": spec.instances in body must be of type integer: "string"',
  ],
  [{ image: '' }, 'spec.image: Invalid value: "": spec.image in body should be at least 1 chars long'],
  [{ mode: 'half' }, 'spec.mode: Unsupported value: "half": supported values: "async", "sync"'],
  [{ owner: 'TooLongOwner' }, 'spec.owner: Too long: may not be longer than 8'],
  [{ owner: 'X' }, `spec.owner: Invalid value: "X": spec.owner in body should match '^[a-z]+$'`],
  [{ ratio: 0.75 }, 'spec.ratio: Invalid value: 0.75: spec.ratio in body should be a multiple of 0.5'],
  [{ ratio: -0.5 }, 'spec.ratio: Invalid value: -0.5: spec.ratio in body should be greater than 0'],
  [{ port: 1.5 }, 'spec.port: Invalid value: "number": spec.port in body must be of type integer,string: "number"'],
  [
    { when: 'yesterday' },
    'spec.when: Invalid value: "yesterday": spec.when in body must be of type date-time: "yesterday"',
  ],
  [{ users: [{ role: 'x' }] }, 'spec.users[0].name: Required value'],
  [{ users: [{ name: 'a' }, { name: 'a' }] }, 'spec.users[1]: Duplicate value: map[string]interface {}{"name":"a"}'],
  [{ tags: ['a', 'a'] }, 'spec.tags[1]: Duplicate value: "a"'],
  [{ tags: [null] }, 'spec.tags[0]: Invalid value: "null": spec.tags[0] in body must be of type string: "null"'],
  [{ parameters: { a: '1', b: '2', c: '3' } }, 'spec.parameters: Too many: 3: must have at most 2 items'],
  [{ template: { kind: 'Pod' } }, 'spec.template.apiVersion: Required value: must not be empty'],
  [
    { choice: { a: 'x', b: 'y' } },
    '<nil>: Invalid value: "": "spec.choice" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ],
];

for (const [spec, expected] of refusals) {
  test(`refuses ${JSON.stringify(spec)}`, () => assert.deepEqual(complaints(spec), [expected]));
}

test('a value that is fine has no complaints', () => {
  assert.deepEqual(
    complaints({
      instances: 3,
      mode: 'sync',
      owner: 'app',
      ratio: 1.5,
      port: 'http',
      note: null,
      when: '2024-02-29T10:00:00+01:00',
      choice: { b: 'y' },
    }),
    [],
  );
});

test('completing and pruning twice is completing once', () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonObject>;
  const keys = Object.keys(schema.properties?.spec?.properties ?? {});
  const spec = fc.dictionary(fc.constantFrom('unknown', ...keys), json, { noNullPrototype: true });
  fc.assert(
    fc.property(spec, (given) => {
      const once = completed(given);
      assert.deepEqual(completed(once), once);
      assert.equal(Object.keys(once).includes('unknown'), false);
    }),
  );
});

const schemas: readonly (readonly [JsonSchema, string])[] = [
  [{ properties: {} }, '.properties[a].type: Required value: must not be empty for specified object fields'],
  [{ type: 'array' }, '.properties[a].items: Required value: must be specified'],
  [
    { type: 'string', default: 1 },
    '.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"',
  ],
  [
    { type: 'strange' },
    '.properties[a].type: Unsupported value: "strange": supported values: "array", "boolean", "integer", "number", "object", "string"',
  ],
  [{ $ref: '#/x' }, '.properties[a].$ref: Forbidden: $ref is not supported'],
  [{ type: 'string', anyOf: [{ type: 'string' }], pattern: 'x' }, ''],
  [
    { type: 'string', anyOf: [{ type: 'string', pattern: 'x' }] },
    '.properties[a].anyOf[0].type: Forbidden: must be empty to be structural',
  ],
  [
    { type: 'string', pattern: '(' },
    '.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
  ],
];

for (const [property, expected] of schemas) {
  test(`schema ${JSON.stringify(property)}`, () => {
    const problems = schemaProblems({ type: 'object', properties: { a: property } }, '');
    const texts = problems.map((problem) => `${problem.field}: ${problem.message}`);
    assert.deepEqual(texts, expected === '' ? [] : [expected]);
  });
}
