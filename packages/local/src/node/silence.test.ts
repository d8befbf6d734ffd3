import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSilence } from './silence.ts';

test('who waits for the end of a silence is held until it has come, and nobody is held without one', async () => {
  const silence = createSilence();
  await silence.over();
  silence.set(true);
  silence.set(true);
  assert.equal(silence.silent, true);
  let heard = false;
  const waiting = silence.over().then(() => {
    heard = true;
  });
  await Promise.resolve();
  assert.equal(heard, false);
  silence.set(false);
  await waiting;
  assert.equal(silence.silent, false);
  silence.set(false);
  await silence.over();
});
