import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from './expand.ts';

test('references are replaced, unknown ones stay, $$ escapes', () => {
  const variables = { A: '1', B: 'two' };
  assert.equal(expand('$(A)-$(B)-$(C)', variables), '1-two-$(C)');
  assert.equal(expand('$$(A) $A', variables), '$(A) $A');
  assert.equal(expand('', variables), '');
});
