/**
 * When a primary may say on whom its acknowledged commits depend (the FailoverQuorum).
 *
 *   withdrawn --the server runs with the new setting--> settling --next look--> catching up --W of N are there--> published
 *       ^----------------------------- another set or number is on its way -------------------------------------------'
 *
 * Invariant: whatever is published, W of N, holds for every commit that was acknowledged: at least W of these N have it.
 * Commits from before a change were acknowledged by other standbys or by fewer. So the old word is withdrawn before the
 * server is told, and the new one given only when W of the new N have flushed everything that was there when all of the
 * server ran with the new setting. The order of the names says nothing about that: where only it changes the new word is
 * given at once.
 *
 * A crash leaves what was published last, or nothing. The next manager reads it before it starts the server, and
 * withdraws it unless it says the same as what the server will run with.
 */
import type { FailoverQuorumStatus } from '@matriarch/api';
import { type Lsn, parseLsn } from '@matriarch/postgres';
import type { SynchronousStandbys } from '../configuration/synchronous.ts';

export const withdrawnQuorum: FailoverQuorumStatus = { method: '', primary: '', standbyNames: [], standbyNumber: 0 };

export interface QuorumView {
  readonly podName: string;
  /** What the server runs with; undefined = commits wait for nobody. */
  readonly running: SynchronousStandbys | undefined;
  /** What this manager wrote last. */
  readonly published: FailoverQuorumStatus | undefined;
  /** How far the server had flushed when it was first seen to have settled. */
  readonly barrier: Barrier;
  readonly position: Lsn;
  readonly standbys: readonly { readonly name: string; readonly flushLsn: string | null }[];
}

export type Barrier = 'none' | 'settling' | { readonly lsn: Lsn };

export type QuorumStep =
  | { readonly kind: 'publish'; readonly status: FailoverQuorumStatus }
  | { readonly kind: 'wait'; readonly barrier: Barrier };

export function decideQuorum(view: QuorumView): QuorumStep {
  const { running, podName, published } = view;
  if (running === undefined) return { kind: 'publish', status: withdrawnQuorum };
  const { method, number, standbyNames } = running;
  const status = { method, primary: podName, standbyNames: [...standbyNames], standbyNumber: number };
  if (saysTheSame(published, running, podName)) return { kind: 'publish', status };
  // Processes of the server read a new setting one by one; a look later all have.
  if (view.barrier === 'none') return { kind: 'wait', barrier: 'settling' };
  const barrier = view.barrier === 'settling' ? { lsn: view.position } : view.barrier;
  const there = view.standbys.filter(
    ({ name, flushLsn }) => standbyNames.includes(name) && flushLsn !== null && parseLsn(flushLsn) >= barrier.lsn,
  );
  return there.length >= number ? { kind: 'publish', status } : { kind: 'wait', barrier };
}

/** Whether what was published is as true with another setting: the same standbys, and as many of them. */
export function saysTheSame(
  published: FailoverQuorumStatus | undefined,
  standbys: SynchronousStandbys | undefined,
  podName: string,
): boolean {
  if (published === undefined || standbys === undefined || published.primary !== podName) return false;
  const before = [...(published.standbyNames ?? [])].sort();
  const after = [...standbys.standbyNames].sort();
  return published.standbyNumber === standbys.number && before.join('\n') === after.join('\n');
}
