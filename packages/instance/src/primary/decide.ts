/**
 * Who this instance has to be, and the next step towards it.
 *
 *   target == me, data is a primary's            -> take the Lease, start, say that we are the primary
 *   target == me, data is a standby's            -> have the data, take the Lease, stop receiving, promote
 *   target != me, data is a primary's            -> stop writing, give the Lease back, become a standby
 *   target != me, data is a standby's            -> follow; receive nothing while an election is under way
 *
 * Invariant: PostgreSQL runs with a primary's data only while this instance is the target, holds the Lease since this
 * process began, and has the right to write (docs/decisions/0009-who-may-write.md, rules 1, 2 and 7). A `pending` target
 * names nobody and so stops a primary too.
 *
 * Crash points: after the promotion and before the Cluster says so, the next pass finds a primary's data and says it;
 * after the stop and before standby.signal is written, the next start finds a primary's data that is not the target's
 * and goes the way of an old primary again; after a claim and before the promotion the Lease stays ours by its name.
 */
import type { Authority } from '../authority/authority.ts';
import type { Claim } from '../lease/decide.ts';

export interface InstanceView {
  readonly podName: string;
  readonly nowMs: number;
  readonly cluster: ClusterView;
  /** What the data directory would start as. */
  readonly data: 'primary' | 'standby';
  /** `killed`: it can answer nobody any more, but has not ended either. */
  readonly server: 'down' | 'starting' | 'running' | 'stopping' | 'killed';
  readonly lease: LeaseKnowledge;
  readonly authority: Authority;
  readonly receiver: {
    /** Whether the configuration names a primary to receive from. */
    readonly connected: boolean;
    /** Whether a WAL receiver runs. */
    readonly active: boolean;
  };
  /** Replayed WAL of a running standby. */
  readonly replayedLsn: bigint | undefined;
  /** A standby that has WAL beyond the place where its primary branched off: it can never stream from it. */
  readonly diverged: boolean;
}

export interface ClusterView {
  readonly targetPrimary: string;
  readonly currentPrimary: string;
  /** The phase says that the operator is replacing a lost primary. */
  readonly failingOver: boolean;
  readonly replicaCluster: boolean;
  readonly fenced: boolean;
}

export interface LeaseKnowledge {
  /** Claimed or renewed by this process, and no other holder seen since. */
  readonly held: boolean;
  /** Whether it could be taken; looked at only by a target that does not hold it. */
  readonly claim: Claim;
  /** Place of the shutdown checkpoint that the last primary left on the Lease. */
  readonly finalLsn: bigint | undefined;
  /** Another instance of this cluster that was promoted after this one was the primary, as the Lease has it. */
  readonly successor: string | undefined;
  /** The last primary was run by a manager of another make, which says nothing of its end. */
  readonly silent: boolean;
  /** This instance has written down that it is to be promoted, having had the data for it. */
  readonly settled: boolean;
}

export type StopCause = 'fence' | 'demote' | 'diverged' | 'isolated' | 'lost-lease';

export type InstanceStep =
  | { readonly kind: 'stop'; readonly cause: StopCause }
  /** PostgreSQL is down, or a standby's: the next primary need not wait for the end of the Lease. */
  | { readonly kind: 'release' }
  | { readonly kind: 'acquire' }
  | { readonly kind: 'collect'; readonly term: number; readonly from: readonly string[] }
  | { readonly kind: 'start' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'connect' }
  | { readonly kind: 'promote' }
  | { readonly kind: 'announce' }
  | { readonly kind: 'rejoin' }
  | { readonly kind: 'markStandby' }
  /** As it should be: the work of a running instance goes on. */
  | { readonly kind: 'run' }
  | { readonly kind: 'wait'; readonly reason: string };

const wait = (reason: string): InstanceStep => ({ kind: 'wait', reason });
const run: InstanceStep = { kind: 'run' };
const hanging = wait('PostgreSQL was killed and has not ended yet');

export function decideInstance(view: InstanceView): InstanceStep {
  if (view.cluster.fenced) return beFenced(view);
  if (view.cluster.replicaCluster) return followAnotherCluster(view);
  const isTarget = view.cluster.targetPrimary === view.podName;
  if (view.data === 'primary') return isTarget ? bePrimary(view) : stepDown(view);
  return isTarget ? takeOver(view) : follow(view);
}

const isPowerless = (server: InstanceView['server']): boolean => server === 'down' || server === 'killed';

function beFenced({ server, lease }: InstanceView): InstanceStep {
  if (!isPowerless(server)) return { kind: 'stop', cause: 'fence' };
  return lease.held ? { kind: 'release' } : wait('this instance is fenced');
}

/** No Lease there: all instances are standbys, and the designated one follows the other cluster. */
function followAnotherCluster({ data, server, lease, cluster, podName }: InstanceView): InstanceStep {
  if (data === 'primary' && !isPowerless(server)) return { kind: 'stop', cause: 'demote' };
  if (lease.held) return { kind: 'release' };
  if (server === 'killed') return hanging;
  if (data === 'primary') return { kind: 'markStandby' };
  if (server === 'down') return { kind: 'start' };
  const designated = cluster.targetPrimary === podName && cluster.currentPrimary !== podName;
  return designated ? { kind: 'announce' } : run;
}

function bePrimary(view: InstanceView): InstanceStep {
  const { server, lease, authority, cluster, podName } = view;
  if (!lease.held) {
    // Only a server that a manager before this one left to us can run here.
    if (!isPowerless(server) && lease.claim.kind !== 'claim') return { kind: 'stop', cause: 'lost-lease' };
    // The data go on from where another instance has branched off: what was acknowledged there would be lost.
    if (lease.successor !== undefined)
      return wait(`${lease.successor} was promoted since; this instance must rejoin it`);
    return acquire(lease.claim);
  }
  if (authority.kind === 'none') {
    if (!isPowerless(server)) return { kind: 'stop', cause: 'isolated' };
    return wait('neither the API server nor a majority of the instances can be reached');
  }
  if (server === 'killed') return hanging;
  if (server === 'down') return { kind: 'start' };
  return server === 'running' && cluster.currentPrimary !== podName ? { kind: 'announce' } : run;
}

function stepDown({ server, lease, cluster }: InstanceView): InstanceStep {
  if (!isPowerless(server)) return { kind: 'stop', cause: 'demote' };
  if (lease.held) return { kind: 'release' };
  if (server === 'killed') return hanging;
  const { currentPrimary, targetPrimary } = cluster;
  if (currentPrimary === targetPrimary && currentPrimary !== '') return { kind: 'rejoin' };
  return wait('this former primary waits until another instance has been promoted');
}

function takeOver(view: InstanceView): InstanceStep {
  const { server, lease, receiver, cluster } = view;
  // Before the start: a promise to receive nothing outlives the process that made it.
  if (cluster.failingOver && cluster.currentPrimary !== view.podName && receiver.connected) return { kind: 'cut' };
  if (server === 'down') return { kind: 'start' };
  if (server !== 'running') return run;
  const missing = missingData(view);
  if (missing !== undefined) return wait(missing);
  if (!lease.held) return acquire(lease.claim);
  if (view.authority.kind === 'none') return wait('the primary lease could not be renewed in time');
  return receiver.active ? wait('the old primary still streams to this instance') : { kind: 'promote' };
}

/** Why this standby must not be promoted yet: what the old primary acknowledged may be missing here. */
function missingData({ cluster, podName, lease, replayedLsn }: InstanceView): string | undefined {
  // Elected, or nobody else was the primary meanwhile.
  if (cluster.failingOver || cluster.currentPrimary === podName || cluster.currentPrimary === '') return undefined;
  if (lease.silent || lease.settled) return undefined;
  if (lease.finalLsn === undefined) return `${cluster.currentPrimary} has not handed over`;
  if (replayedLsn !== undefined && replayedLsn > lease.finalLsn) return undefined;
  return `the last WAL of ${cluster.currentPrimary} is not here yet`;
}

function follow(view: InstanceView): InstanceStep {
  const { server, lease, receiver, cluster } = view;
  if (lease.held) return { kind: 'release' };
  const { targetPrimary, currentPrimary, failingOver } = cluster;
  const election = targetPrimary === 'pending' || (failingOver && targetPrimary !== currentPrimary);
  if (election && receiver.connected) return { kind: 'cut' };
  if (server === 'down') return { kind: 'start' };
  if (election) return run;
  // It is treated like a former primary from now on.
  if (view.diverged && targetPrimary === currentPrimary) return { kind: 'stop', cause: 'diverged' };
  return !receiver.connected && targetPrimary === currentPrimary ? { kind: 'connect' } : run;
}

function acquire(claim: Claim): InstanceStep {
  switch (claim.kind) {
    case 'claim':
      return { kind: 'acquire' };
    case 'collect':
      return { kind: 'collect', term: claim.term, from: claim.from };
    case 'wait':
      return wait(claim.reason);
  }
}
