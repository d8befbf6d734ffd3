import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ClaimView, decideClaim, judgeLease, type LeaseView, type Sighting } from './decide.ts';

const lease = (holder: string, renewTime = 't1'): LeaseView => ({
  holder,
  renewTime,
  durationSeconds: 15,
  transitions: 3,
  electorate: ['a', 'b', 'c'],
  finalLsn: undefined,
  lastPrimary: '',
});

test('a lease is missing, free, ours or theirs', () => {
  assert.deepEqual(judgeLease('a', undefined, undefined, 15_000, 0), { kind: 'missing' });
  assert.deepEqual(judgeLease('a', lease(''), undefined, 15_000, 0), { kind: 'free' });
  assert.deepEqual(judgeLease('a', lease('a'), undefined, 15_000, 0), { kind: 'ours' });
  const sighting = { holder: 'b', renewTime: 't1', sinceMs: 0 };
  assert.deepEqual(judgeLease('a', lease('b'), undefined, 15_000, 0), {
    kind: 'theirs',
    holder: 'b',
    sighting,
    remainingMs: 15_000,
  });
});

test('a lease that its holder renews in time never runs out for others', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 14_999 }), { minLength: 1, maxLength: 50 }), (pauses) => {
      let now = 0;
      let sighting: Sighting | undefined;
      for (const [index, pause] of pauses.entries()) {
        for (const at of [now, now + pause]) {
          const state = judgeLease('a', lease('b', `t${index}`), sighting, 15_000, at);
          assert.ok(state.kind === 'theirs' && state.remainingMs > 0);
          sighting = state.sighting;
        }
        now += pause;
      }
    }),
  );
});

const expired = {
  kind: 'theirs',
  holder: 'b',
  sighting: { holder: 'b', renewTime: 't1', sinceMs: 0 },
  remainingMs: 0,
} as const;

function claim(change: Partial<ClaimView>, now = 100_000) {
  return decideClaim(
    { self: 'a', lease: lease('b'), state: expired, instanceNames: ['a', 'b', 'c'], withdrawals: new Map(), ...change },
    now,
  );
}

test('a free lease is claimed, one whose time is not over is waited for', () => {
  assert.deepEqual(claim({ state: { kind: 'free' }, lease: lease('') }), { kind: 'claim' });
  assert.equal(claim({ state: { ...expired, remainingMs: 1 } }).kind, 'wait');
  assert.equal(claim({ state: { kind: 'missing' }, lease: undefined }).kind, 'wait');
});

test('a lease that stood still is claimed when its holder cannot have a majority any more', () => {
  const ended = { term: 3, endsAtMs: 99_000 };
  assert.deepEqual(claim({}), { kind: 'collect', term: 3, from: ['a', 'c'] });
  assert.deepEqual(claim({ withdrawals: new Map([['a', ended]]) }), { kind: 'collect', term: 3, from: ['c'] });
  const both = new Map([
    ['a', ended],
    ['c', ended],
  ]);
  assert.deepEqual(claim({ withdrawals: both }), { kind: 'claim' });
  const last = new Map([
    ['a', ended],
    ['c', { term: 3, endsAtMs: 100_001 }],
  ]);
  assert.equal(claim({ withdrawals: last }).kind, 'wait', 'the vote of c still counts');
  const earlier = new Map([
    ['a', ended],
    ['c', { term: 2, endsAtMs: 0 }],
  ]);
  assert.deepEqual(claim({ withdrawals: earlier }), { kind: 'collect', term: 3, from: ['c'] });
});

test('of two instances the other one is enough, and a holder outside the electorate counts in it', () => {
  const withdrawals = new Map([['a', { term: 3, endsAtMs: 0 }]]);
  assert.equal(claim({ lease: { ...lease('b'), electorate: ['a', 'b'] }, withdrawals }).kind, 'claim');
  assert.equal(claim({ lease: { ...lease('b'), electorate: ['a', 'c'] }, withdrawals }).kind, 'collect');
});
