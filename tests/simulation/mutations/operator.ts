import type { Action, Plan } from '../../../packages/operator/src/cluster/actions.ts';
import type { Snapshot } from '../../../packages/operator/src/cluster/snapshot.ts';
import type { Observation } from '../../../packages/operator/src/instances/report.ts';
import { realDecisions as real } from '../decisions.ts';
import type { Change } from './mutations.ts';

const isReplacing = ({ cluster }: Snapshot): boolean =>
  cluster.status?.targetPrimary !== cluster.status?.currentPrimary;

/** The Lease is emptied whenever another primary is wanted. */
function emptied(snapshot: Snapshot, plan: Plan): Plan {
  const { lease } = snapshot.owned;
  if (!isReplacing(snapshot) || lease?.spec?.holderIdentity !== snapshot.cluster.status?.currentPrimary) return plan;
  const { name = '', resourceVersion } = lease?.metadata ?? {};
  const body = { metadata: { resourceVersion }, spec: { holderIdentity: '' } };
  const empty: Action = { kind: 'patch', resource: 'leases', name, body };
  return { ...plan, actions: [...plan.actions, empty] };
}

function withSynchronous(snapshot: Snapshot, synchronous: object | undefined): Snapshot {
  const { cluster } = snapshot;
  const postgresql = { ...cluster.spec.postgresql, synchronous } as NonNullable<typeof cluster.spec.postgresql>;
  return { ...snapshot, cluster: { ...cluster, spec: { ...cluster.spec, postgresql } } };
}

/** What standbys report, changed. */
function withReports(snapshot: Snapshot, change: (report: object) => object): Snapshot {
  const observations = [...snapshot.observations].map(([name, seen]): [string, Observation] => [
    name,
    seen.kind === 'report' ? ({ ...seen, report: change(seen.report) } as Observation) : seen,
  ]);
  return { ...snapshot, observations: new Map(observations) };
}

/** Who is to be the primary. */
export const operatorMutations: readonly Change[] = [
  {
    name: 'the Lease is emptied without proof',
    what: 'the operator empties the Lease of a primary that it cannot reach',
    changed: { decideCluster: (snapshot) => emptied(snapshot, real.decideCluster(snapshot)) },
    faults: ['a machine is frozen', 'a machine is cut off', 'a machine loses the operator', 'a pod is frozen'],
  },
  {
    name: 'election without a quorum',
    what: 'the operator names the best standby that it can reach, whoever else may have confirmed commits',
    from: 150,
    changed: { decideCluster: (snapshot) => real.decideCluster(withSynchronous(snapshot, undefined)) },
    faults: ['a standby loses the others', 'a standby loses power', 'a container is killed', 'PostgreSQL is killed'],
  },
  {
    name: 'the first is named',
    what: 'the order of names decides instead of the WAL that was received',
    from: 30,
    changed: {
      decideCluster: (snapshot) =>
        real.decideCluster(
          withReports(snapshot, (report) =>
            'receivedLsn' in report ? { ...report, receivedLsn: '0/1', replayLsn: '0/1' } : report,
          ),
        ),
    },
    faults: ['a standby loses the others', 'a container is killed', 'PostgreSQL is killed'],
  },
  {
    name: 'the target is reset while it is promoted',
    what: 'the operator takes a target back as long as it has not said that it is the primary',
    changed: {
      decideCluster: (snapshot) => {
        const plan = real.decideCluster(snapshot);
        if (!isReplacing(snapshot)) return plan;
        const patch = { targetPrimary: snapshot.cluster.status?.currentPrimary };
        return { ...plan, actions: [{ kind: 'patchStatus', patch } as Action] };
      },
    },
  },
  {
    name: 'promises are not waited for',
    what: 'a standby counts as one that receives no more WAL before it has said so',
    from: 790,
    changed: {
      decideCluster: (snapshot) => {
        const targetSeen = snapshot.cluster.status?.targetPrimaryTimestamp;
        return real.decideCluster(
          withReports(snapshot, (report) => ({ ...report, isWalReceiverActive: false, targetSeen })),
        );
      },
    },
    faults: ['a machine loses the control plane', 'a watch is silent', 'watches are late'],
  },
];
