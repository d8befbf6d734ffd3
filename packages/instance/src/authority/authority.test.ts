import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leavesNoMajority, majority } from '@matriarch/api';
import fc from 'fast-check';
import { type AuthorityView, authorityAt, clockTolerance, voteMs } from './authority.ts';
import { newVoter, vote, withdraw } from './voter.ts';

const view: AuthorityView = {
  self: 'a',
  renewedAtMs: 1000,
  renewDeadlineMs: 10_000,
  electorates: [['a', 'b', 'c']],
  votes: new Map(),
};

test('the lease gives the right until its deadline, votes give it beyond', () => {
  assert.deepEqual(authorityAt(view, 10_999), { kind: 'lease', untilMs: 11_000 });
  assert.deepEqual(authorityAt(view, 11_000), { kind: 'none' });
  const voted = { ...view, votes: new Map([['c', 9000]]) };
  assert.deepEqual(authorityAt(voted, 11_000), { kind: 'votes', untilMs: 14_000 });
  assert.deepEqual(authorityAt(voted, 14_000), { kind: 'none' });
  assert.deepEqual(authorityAt({ ...voted, renewedAtMs: undefined }, 0), { kind: 'none' });
});

test('one instance is its own majority, of two each needs the other', () => {
  assert.equal(authorityAt({ ...view, electorates: [['a']] }, 1e9).kind, 'votes');
  assert.equal(authorityAt({ ...view, electorates: [['a', 'b']] }, 20_000).kind, 'none');
  assert.equal(
    authorityAt({ ...view, electorates: [['a', 'b']], votes: new Map([['b', 19_000]]) }, 20_000).kind,
    'votes',
  );
});

test('while an answer is missing both electorates must stand behind the primary', () => {
  const electorates = [
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'd', 'e'],
  ];
  const votes = new Map([['b', 20_000]]);
  assert.equal(authorityAt({ ...view, electorates, votes }, 20_001).kind, 'none');
  votes.set('e', 20_000);
  assert.equal(authorityAt({ ...view, electorates, votes }, 20_001).kind, 'votes');
});

test('a withdrawn vote is not given again, and the last one runs out', () => {
  const known = { self: 'b', targetPrimary: 'a' };
  const first = vote(newVoter(0), { primary: 'a', term: 4 }, known, 1000);
  assert.ok(first.granted);
  const { state, remainingMs } = withdraw(first.state, 4, 3000);
  assert.equal(remainingMs, 1000 + voteMs * clockTolerance - 3000);
  assert.equal(vote(state, { primary: 'a', term: 4 }, known, 3001).granted, false);
  assert.equal(vote(state, { primary: 'a', term: 5 }, known, 3001).granted, true, 'a later term is another matter');
  assert.equal(vote(newVoter(0), { primary: 'a', term: 4 }, { ...known, targetPrimary: 'pending' }, 1).granted, false);
});

test('a voter that forgot its votes lets five seconds pass', () => {
  assert.equal(withdraw(newVoter(100), 1, 200).remainingMs, voteMs * clockTolerance - 100);
});

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

test('who withdrew and who can still vote never make a majority together', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.subarray(names), (count, chosen) => {
      const electorate = names.slice(0, count);
      const withdrawn = new Set(chosen);
      const left = electorate.filter((name) => !withdrawn.has(name));
      assert.equal(leavesNoMajority(electorate, withdrawn), left.length < majority(count));
      const votes = new Map(left.map((name) => [name, 0]));
      const right = authorityAt({ ...view, renewedAtMs: -1e9, electorates: [electorate], votes }, 1);
      // The primary `a` counts for itself even where it is said to have withdrawn.
      if (!withdrawn.has('a')) assert.equal(right.kind === 'none', leavesNoMajority(electorate, withdrawn));
    }),
  );
});
