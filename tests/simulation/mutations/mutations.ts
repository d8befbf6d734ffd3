/**
 * Deliberate defects of the decisions, each small enough to slip in by mistake. A test plays every one and expects the
 * simulation to catch it; docs/simulation.md tells of them.
 */
import { type Decisions, realDecisions } from '../decisions.ts';

export interface Mutation {
  readonly name: string;
  /** What is wrong with it. */
  readonly what: string;
  readonly decisions: Decisions;
}

const real = realDecisions;
const farAway = 1e12;

const mutation = (name: string, what: string, changed: Partial<Decisions>): Mutation => ({
  name,
  what,
  decisions: { ...real, ...changed },
});

export const mutations: readonly Mutation[] = [
  mutation(
    'claim at sight',
    'The Lease of another holder is taken at once, without waiting for its time and its votes',
    {
      decideClaim: (view, nowMs) => (view.lease === undefined ? real.decideClaim(view, nowMs) : { kind: 'claim' }),
    },
  ),
  mutation(
    'claim without withdrawals',
    'The Lease is claimed when it stood still, whoever still votes for its holder',
    {
      decideClaim: (view, nowMs) => {
        const claim = real.decideClaim(view, nowMs);
        return claim.kind === 'collect' ? { kind: 'claim' } : claim;
      },
    },
  ),
  mutation('withdrawals count at once', 'The last votes of those who withdrew are not waited for', {
    withdraw: (state, term, nowMs) => ({ ...real.withdraw(state, term, nowMs), remainingMs: 0 }),
  }),
  mutation('no renew deadline', 'A primary goes on for as long as it once held the Lease', {
    authorityAt: (view, nowMs) =>
      view.renewedAtMs === undefined ? real.authorityAt(view, nowMs) : { kind: 'lease', untilMs: nowMs + farAway },
  }),
  mutation('votes never expire', 'A vote counts for as long as the term lasts', {
    authorityAt: (view, nowMs) =>
      real.authorityAt({ ...view, votes: new Map([...view.votes.keys()].map((name) => [name, nowMs])) }, nowMs),
  }),
  mutation('renewal counts from its answer', 'The right to write is counted from a time after the renewal was sent', {
    authorityAt: (view, nowMs) => {
      const { renewedAtMs } = view;
      return real.authorityAt(
        { ...view, renewedAtMs: renewedAtMs === undefined ? undefined : renewedAtMs + 8000 },
        nowMs,
      );
    },
  }),
  mutation('majority off by one', 'One vote less than a majority is enough for a primary', {
    authorityAt: (view, nowMs) => {
      const electorates = view.electorates.map((names) => names.slice(0, -1).concat(view.self));
      return real.authorityAt({ ...view, electorates: electorates.map((names) => [...names, view.self]) }, nowMs);
    },
  }),
  mutation(
    'vote for a replaced primary',
    'An instance votes for whoever asks, whatever the target is and what it has withdrawn',
    {
      vote: (state, request, _view, nowMs) =>
        real.vote({ ...state, withdrawnTerm: -1 }, request, { self: '', targetPrimary: request.primary }, nowMs),
    },
  ),
  mutation('start without the Lease', 'A primary that comes back starts without asking for the Lease', {
    decideInstance: (view) => {
      const step = real.decideInstance(view);
      const isPrimary = view.data === 'primary' && view.cluster.targetPrimary === view.podName;
      return isPrimary && view.server === 'down' && !view.lease.held ? { kind: 'start' } : step;
    },
  }),
];
