import { realDecisions as real } from '../decisions.ts';
import type { Change } from './mutations.ts';

const forEver = 1e12;

const silence = ['a machine is frozen', 'a machine is cut off', 'a machine loses the API server', 'a pod is frozen'];

/** Who may write, and until when. */
export const leaseMutations: readonly Change[] = [
  {
    name: 'claim at sight',
    what: 'a Lease is taken from its holder at once, without waiting for its time and its votes',
    changed: {
      decideClaim: (view, nowMs) => (view.lease === undefined ? real.decideClaim(view, nowMs) : { kind: 'claim' }),
    },
    faults: silence,
  },
  {
    name: 'claim without withdrawals',
    what: 'a Lease that stood still is taken, whoever still votes for its holder',
    from: 560,
    changed: {
      decideClaim: (view, nowMs) => {
        const claim = real.decideClaim(view, nowMs);
        return claim.kind === 'collect' ? { kind: 'claim' } : claim;
      },
    },
    faults: ['a machine loses the control plane', 'a watch is silent', 'watches are late'],
  },
  {
    name: 'lease duration ignored',
    what: 'the votes of the holder are collected as soon as its Lease is seen, not after it stood still',
    changed: {
      judgeLease: (self, lease, sighting, _durationMs, nowMs) => real.judgeLease(self, lease, sighting, 0, nowMs),
    },
    faults: silence,
  },
  {
    name: 'no renew deadline',
    what: 'a primary goes on for as long as it once held the Lease',
    changed: {
      authorityAt: (view, nowMs) =>
        view.renewedAtMs === undefined ? real.authorityAt(view, nowMs) : { kind: 'lease', untilMs: nowMs + forEver },
    },
    faults: silence,
  },
  {
    name: 'votes never expire',
    what: 'a vote that was given once counts for ever',
    changed: {
      authorityAt: (view, nowMs) =>
        real.authorityAt({ ...view, votes: new Map([...view.votes.keys()].map((name) => [name, nowMs])) }, nowMs),
    },
    faults: ['a machine loses the API server', 'a machine is cut off', 'the API server is away'],
  },
  {
    name: 'majority off by one',
    what: 'a primary is content with one vote less than a majority',
    changed: {
      authorityAt: (view, nowMs) => {
        const [free = ''] = view.electorates.flat().filter((name) => name !== view.self && !view.votes.has(name));
        return real.authorityAt({ ...view, votes: new Map([...view.votes, [free, nowMs]]) }, nowMs);
      },
    },
    faults: silence,
  },
  {
    name: 'vote for a replaced primary',
    what: 'an instance votes for whoever asks, whatever the target is and what it has withdrawn',
    changed: {
      vote: (state, request, { self }, nowMs) =>
        real.vote({ ...state, withdrawnTerm: -1 }, request, { self, targetPrimary: request.primary }, nowMs),
    },
    faults: ['a machine loses the control plane'],
  },
];
