/**
 * Watches over the right of this primary to accept writes, and ends PostgreSQL with it.
 *
 *   calm --renewal overdue--> asking for votes, each second --right over--> PostgreSQL is killed --> calm
 *
 * It runs beside the reconcile loop, which may be waiting for an API server that does not answer. After the process was
 * frozen its first look finds the right over, whatever else there is to do.
 */
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { killing } from '../postmaster/shutdown.ts';
import { leaseTimings } from '../reconcile/timings.ts';
import { type Authority, authorityAt } from './authority.ts';
import type { VoteCollector } from './ballot.ts';

const lookMs = 100;
const askMs = 1000;

/** The right of this instance at this moment, from what the Lease and the votes say. */
export function currentAuthority(instance: Instance, nowMs: number): Authority {
  const { lease, votes, cluster, options } = instance;
  const current = cluster.current();
  if (!lease.held || current === undefined) return { kind: 'none' };
  return authorityAt(
    {
      self: options.podName,
      renewedAtMs: lease.renewedAtMs,
      renewDeadlineMs: leaseTimings(current).renewDeadlineSeconds * 1000,
      electorates: lease.electorates,
      votes: votes.votes,
    },
    nowMs,
  );
}

/** Lets the watchdog watch a server that writes, or is about to. */
export function putUnderWatch(instance: Instance): void {
  const now = performance.now();
  const authority = currentAuthority(instance, now);
  const { pid } = instance.lifecycle;
  if (pid === undefined || authority.kind === 'none') return;
  instance.watchdog.extend(authority.untilMs - now);
  instance.watchdog.watch(pid);
}

/** Starts the watch; the returned function ends it. */
export function guardAuthority(instance: Instance): () => void {
  let askedAt = Number.NEGATIVE_INFINITY;
  let ending = false;

  const look = () => {
    const { state } = instance.lifecycle;
    if (!instance.state.current.writing || state === 'down' || state === 'killed') return;
    const now = performance.now();
    if (isRenewalOverdue(instance, now) && now - askedAt >= askMs) {
      askedAt = now;
      void askForVotes(instance, instance.votes);
    }
    const authority = currentAuthority(instance, now);
    if (authority.kind !== 'none') instance.watchdog.extend(authority.untilMs - now);
    if (authority.kind !== 'none' || ending) return;
    ending = true;
    instance.logger.error(
      { term: instance.lease.term },
      'Neither the API server nor a majority of the instances answers: PostgreSQL is ended',
    );
    instance.state.update({ isolated: true });
    instance.lifecycle
      .stop('isolated', killing)
      .catch((error: unknown) => instance.logger.error({ error: errorText(error) }, 'PostgreSQL could not be ended'))
      .finally(() => {
        ending = false;
        instance.wake();
      });
  };

  const timer = setInterval(look, lookMs);
  return () => clearInterval(timer);
}

function isRenewalOverdue({ lease, cluster }: Instance, now: number): boolean {
  const current = cluster.current();
  if (current === undefined || lease.renewedAtMs === undefined) return false;
  return now - lease.renewedAtMs > leaseTimings(current).retryPeriodSeconds * 1000 + askMs / 2;
}

async function askForVotes({ cluster, lease, options, peers }: Instance, votes: VoteCollector): Promise<void> {
  const current = cluster.current();
  if (current === undefined) return;
  await votes.ask({ primary: options.podName, term: lease.term }, peers.others(current, options.podName));
}
