import { type Cluster, clusterPhases, isReplicaCluster } from '@matriarch/api';
import { parseLsn } from '@matriarch/postgres';
import { currentAuthority } from '../authority/guard.ts';
import { isFenced } from '../cluster.ts';
import type { Instance } from '../instance.ts';
import { type Claim, decideClaim } from '../lease/decide.ts';
import type { Memory } from '../reconcile/memory.ts';
import { leaseTimings } from '../reconcile/timings.ts';
import { looksPrimary } from '../rejoin/role.ts';
import type { ClusterView, InstanceView } from './decide.ts';

/** Gathers what the next step of this instance is decided from. The API server is asked only when the Lease matters. */
export async function observeInstance(instance: Instance, memory: Memory, cluster: Cluster): Promise<InstanceView> {
  const { lease, lifecycle, options } = instance;
  const { podName, layout } = options;
  const view = clusterView(cluster, podName);
  const data = (await looksPrimary(layout.pgData)) ? 'primary' : 'standby';
  const isTarget = view.targetPrimary === podName;
  const receiver = data === 'standby' && lifecycle.state === 'running' ? await receiverOf(instance, view) : idle;
  const claim = await claimOf(instance, memory, cluster, view);
  return {
    podName,
    nowMs: performance.now(),
    cluster: view,
    data,
    server: lifecycle.state,
    lease: {
      held: lease.held || (!isTarget && lease.owed),
      claim,
      finalLsn: lease.finalLsn,
      successor: successorOf(lease.lastPrimary, cluster, podName),
      silent: lease.lastPrimary === '',
      settled: lease.lastPrimary === podName,
    },
    authority: currentAuthority(instance, performance.now()),
    receiver: { connected: !memory.receiverCut, active: receiver.active },
    replayedLsn: receiver.replayed,
    diverged: instance.state.current.diverged,
  };
}

export function clusterView(cluster: Cluster, podName: string): ClusterView {
  const { targetPrimary = '', currentPrimary = '', phase } = cluster.status ?? {};
  return {
    targetPrimary,
    currentPrimary,
    failingOver: phase === clusterPhases.failOver,
    replicaCluster: isReplicaCluster(cluster),
    fenced: isFenced(cluster, podName),
  };
}

/** An instance that is gone for good is nobody's successor: there is nothing to rejoin. */
function successorOf(lastPrimary: string, cluster: Cluster, podName: string): string | undefined {
  const exists = (cluster.status?.instanceNames ?? []).includes(lastPrimary);
  return lastPrimary !== podName && exists ? lastPrimary : undefined;
}

interface ReceiverRow {
  readonly [column: string]: unknown;
  readonly active: boolean;
  readonly replayed: string | null;
}

const idle = { active: false, replayed: undefined };

const receiverSql = `
SELECT EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AS active, pg_last_wal_replay_lsn()::text AS replayed`;

/** Nobody asks about the receiver of a standby that simply follows. */
async function receiverOf(instance: Instance, { targetPrimary, currentPrimary }: ClusterView) {
  if (targetPrimary === currentPrimary && targetPrimary !== instance.options.podName) return idle;
  const [row] = await instance.database.query<ReceiverRow>(receiverSql);
  const replayed = row?.replayed;
  return { active: row?.active === true, replayed: replayed ? parseLsn(replayed) : undefined };
}

async function claimOf(instance: Instance, memory: Memory, cluster: Cluster, view: ClusterView): Promise<Claim> {
  const { lease, options } = instance;
  const asked = view.targetPrimary === options.podName && !lease.held && !view.fenced && !view.replicaCluster;
  if (!asked) return { kind: 'wait', reason: 'the primary lease is not wanted' };
  const look = await lease.look(leaseTimings(cluster));
  if (look === undefined) return { kind: 'wait', reason: 'the API server does not answer' };
  return decideClaim(
    {
      self: options.podName,
      lease: look.view,
      state: look.state,
      instanceNames: cluster.status?.instanceNames ?? [],
      withdrawals: memory.withdrawals,
    },
    performance.now(),
  );
}
