import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { typeSchema } from '../kinds/schema/typeschema.ts';
import { findDuplicateKeys } from './duplicates.ts';
import { jsonComplaint } from './json-error.ts';
import { decodeMessage, readEnvelope } from './protobuf/decode.ts';
import { parseYaml } from './yaml.ts';

test('keys given twice are found with their paths', () => {
  assert.deepEqual(findDuplicateKeys('{"a":{"b":1,"b":2},"c":[{"d":1},{"d":1,"d":2}],"a":3}'), ['a.b', 'c[1].d', 'a']);
});

test('what JSON.stringify writes has no key twice', () => {
  fc.assert(fc.property(fc.object(), (value) => assert.deepEqual(findDuplicateKeys(JSON.stringify(value)), [])));
});

test('broken JSON is described as clients know it', () => {
  assert.equal(jsonComplaint('{"a":'), 'unexpected end of JSON input');
  assert.equal(jsonComplaint('no'), "invalid character 'o' in literal null (expecting 'u')");
});

test('YAML words of version 1.1 are truth values, dates and times stay text', () => {
  const { value } = parseYaml('a: yes\nb: 2024-01-02\nc: 12:30:45\nd: "on"\n');
  assert.deepEqual(value, { a: true, b: '2024-01-02', c: '12:30:45', d: 'on' });
});

test('a key given twice in YAML counts once and is told of', () => {
  const { value, duplicates } = parseYaml('a: 1\na: 2\n');
  assert.deepEqual(value, { a: 2 });
  assert.deepEqual(duplicates, ['yaml: unmarshal errors:\n  line 2: key "a" already set in map']);
});

const field = (number: number, bytes: Buffer | string): Buffer => {
  const content = Buffer.from(bytes);
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
};

test('a Secret in protobuf is read as the same Secret in JSON', () => {
  const entry = Buffer.concat([field(1, 'user'), field(2, 'app')]);
  const raw = Buffer.concat([field(1, field(1, 'sec')), field(2, entry), field(3, 'Opaque')]);
  const type = Buffer.concat([field(1, 'v1'), field(2, 'Secret')]);
  const body = Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, raw)]);
  const envelope = readEnvelope(body);
  assert.equal(envelope?.kind, 'Secret');
  assert.deepEqual(decodeMessage(envelope.raw, typeSchema('core/v1.Secret')), {
    metadata: { name: 'sec' },
    data: { user: 'YXBw' },
    type: 'Opaque',
  });
});

test('protobuf that ends too soon or holds an unknown field is refused', () => {
  assert.throws(() => decodeMessage(Buffer.from([0x0a, 0x05, 0x01]), typeSchema('core/v1.Secret')), RangeError);
  assert.throws(() => decodeMessage(field(12, 'x'), typeSchema('core/v1.Secret')), /cannot be read from protobuf/);
});
