import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorText } from './logger.ts';

test('a cause is told once, and only where the message does not tell it', () => {
  const cause = new Error('connection refused');
  assert.equal(errorText(new Error('no status of a-1', { cause })), 'no status of a-1: connection refused');
  assert.equal(
    errorText(new Error('no status: connection refused; look', { cause })),
    'no status: connection refused; look',
  );
  assert.equal(errorText(new TypeError('')), 'TypeError');
  assert.equal(errorText('text'), 'text');
});
