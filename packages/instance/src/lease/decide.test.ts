import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideLease, type LeaseView, type Sighting } from './decide.ts';

const lease = (holder: string, renewTime = 't1'): LeaseView => ({
  holder,
  renewTime,
  durationSeconds: 15,
  transitions: 3,
});

test('a free lease is claimed, an own one renewed, a missing one waited for', () => {
  assert.deepEqual(decideLease('a', lease(''), undefined, 15, 0), { kind: 'claim', transitions: 4 });
  assert.deepEqual(decideLease('a', lease('a'), undefined, 15, 0), { kind: 'renew' });
  assert.deepEqual(decideLease('a', undefined, undefined, 15, 0), { kind: 'missing' });
});

test("another's lease is taken over only after it stood still for its duration", () => {
  const first = decideLease('a', lease('b'), undefined, 15, 1000);
  assert.equal(first.kind, 'wait');
  const sighting = first.kind === 'wait' ? first.sighting : undefined;
  assert.equal(decideLease('a', lease('b'), sighting, 15, 15_999).kind, 'wait');
  assert.equal(decideLease('a', lease('b'), sighting, 15, 16_000).kind, 'claim');
  assert.equal(decideLease('a', lease('b', 't2'), sighting, 15, 16_000).kind, 'wait');
});

test('two contenders never take a lease that its holder renews in time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 14_999 }), { minLength: 1, maxLength: 50 }), (pauses) => {
      let now = 0;
      let sighting: Sighting | undefined;
      for (const [index, pause] of pauses.entries()) {
        const step = decideLease('a', lease('b', `t${index}`), sighting, 15, now);
        assert.equal(step.kind, 'wait');
        sighting = step.kind === 'wait' ? step.sighting : undefined;
        now += pause;
        assert.equal(decideLease('a', lease('b', `t${index}`), sighting, 15, now).kind, 'wait');
      }
    }),
  );
});
