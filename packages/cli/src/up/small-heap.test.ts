import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallHeapArguments } from './small-heap.ts';

test('a program is started anew once, with the flags and arguments that it had', () => {
  const wanted = smallHeapArguments(['--enable-source-maps'], ['matriarch.mjs', 'up', '--bare']);
  assert.deepEqual(wanted?.slice(-4), ['--enable-source-maps', 'matriarch.mjs', 'up', '--bare']);
  const flags = wanted?.slice(0, -3) ?? [];
  assert.ok(flags.some((flag) => flag.startsWith('--max-semi-space-size=')));
  assert.equal(smallHeapArguments(flags, ['matriarch.mjs', 'up']), undefined);
});
