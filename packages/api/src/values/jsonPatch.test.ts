import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch, parseJsonPatch } from './jsonPatch.ts';

const patch = (document: unknown, ...operations: object[]) =>
  applyJsonPatch(document, parseJsonPatch(JSON.stringify(operations)));

test('operations', () => {
  const cases = [
    [{}, { op: 'add', path: '/a', value: 1 }, { a: 1 }],
    [[1, 3], { op: 'add', path: '/1', value: 2 }, [1, 2, 3]],
    [[1], { op: 'add', path: '/-', value: 2 }, [1, 2]],
    [{ a: 1 }, { op: 'add', path: '', value: 2 }, 2],
    [{ 'a/b~c': 1 }, { op: 'remove', path: '/a~1b~0c' }, {}],
    [[1, 2], { op: 'remove', path: '/0' }, [2]],
    [{ a: { b: 1 } }, { op: 'replace', path: '/a/b', value: null }, { a: { b: null } }],
    [{ a: 1 }, { op: 'move', from: '/a', path: '/b' }, { b: 1 }],
    [{ a: [1] }, { op: 'copy', from: '/a', path: '/b' }, { a: [1], b: [1] }],
    [{ a: [1] }, { op: 'test', path: '/a', value: [1] }, { a: [1] }],
  ] as const;
  for (const [document, operation, expected] of cases) {
    const before = structuredClone(document);
    assert.deepEqual(patch(document, operation), expected, JSON.stringify(operation));
    assert.deepEqual(document, before);
  }
});

test('operations that do not fit', () => {
  const cases = [
    [{}, { op: 'remove', path: '/a' }],
    [{}, { op: 'replace', path: '/a', value: 1 }],
    [{}, { op: 'add', path: '/a/b', value: 1 }],
    [[1], { op: 'add', path: '/2', value: 1 }],
    [[1], { op: 'replace', path: '/-', value: 1 }],
    [[1], { op: 'remove', path: '/01' }],
    [{ a: 1 }, { op: 'test', path: '/a', value: 2 }],
    [{ a: {} }, { op: 'move', from: '/a', path: '/a/b' }],
    [{}, { op: 'remove', path: '/constructor' }],
  ] as const;
  for (const [document, operation] of cases) assert.throws(() => patch(document, operation), JSON.stringify(operation));
});

test('texts that are no patch', () => {
  for (const text of [
    '',
    '{}',
    '[1]',
    '[{"op":"grow","path":"/a"}]',
    '[{"op":"add","path":"/a"}]',
    '[{"op":"remove"}]',
  ]) {
    assert.throws(() => parseJsonPatch(text), text);
  }
});

test('a key such as __proto__ is a key like any other', () => {
  const result = patch({}, { op: 'add', path: '/__proto__', value: { a: 1 } });
  assert.deepEqual(Object.keys(result as object), ['__proto__']);
  assert.equal(({} as { a?: number }).a, undefined);
});
