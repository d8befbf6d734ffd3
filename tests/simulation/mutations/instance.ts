import type { InstanceView } from '../../../packages/instance/src/primary/decide.ts';
import { realDecisions as real } from '../decisions.ts';
import type { Change } from './mutations.ts';

const withLease = (view: InstanceView, lease: Partial<InstanceView['lease']>): InstanceView => ({
  ...view,
  lease: { ...view.lease, ...lease },
});

/** The steps of an instance. */
export const instanceMutations: readonly Change[] = [
  {
    name: 'start without the Lease',
    what: 'a primary that comes back starts without asking for the Lease',
    changed: {
      decideInstance: (view) => {
        const isPrimary = view.data === 'primary' && view.cluster.targetPrimary === view.podName;
        const back = isPrimary && view.server === 'down' && !view.lease.held;
        return back ? { kind: 'start' } : real.decideInstance(view);
      },
    },
  },
  {
    name: 'the handed over place is ignored',
    what: 'the target of a switchover does not wait for the last WAL of the old primary',
    from: 80,
    changed: { decideInstance: (view) => real.decideInstance(withLease(view, { settled: true })) },
    faults: ['a user promotes', 'PostgreSQL is killed', 'a container is killed', 'a machine loses the others'],
  },
  {
    name: 'receivers are not cut',
    what: 'a standby goes on receiving from the old primary during an election',
    changed: {
      decideInstance: (view) => {
        const step = real.decideInstance(view);
        return step.kind === 'cut' ? { kind: 'run' } : step;
      },
    },
    faults: ['a machine loses the operator', 'a machine is cut off from some', 'a manager is frozen'],
  },
  {
    name: 'a former primary goes on',
    what: 'an instance that was replaced and is the target again starts with its old data',
    from: 40,
    changed: { decideInstance: (view) => real.decideInstance(withLease(view, { successor: undefined })) },
    faults: ['a user promotes', 'a machine is frozen', 'a pod is frozen'],
  },
  {
    name: 'no right to write',
    what: 'a manager does not end PostgreSQL when its right to write is over, and starts it without',
    changed: {
      decideInstance: (view) => real.decideInstance({ ...view, authority: { kind: 'lease', untilMs: 0 } }),
      authorityAt: (view, nowMs) => ({ kind: 'lease', untilMs: nowMs + Math.max(1, view.renewDeadlineMs) }),
    },
    faults: ['a machine is cut off', 'a machine loses the API server', 'a machine is frozen'],
  },
  {
    name: 'place that was written, not flushed',
    what: 'a standby reports WAL that a loss of power takes from it',
    from: 80,
    changed: { receivedLsn: ({ written }) => written },
    faults: ['a disk of a standby hangs', 'PostgreSQL is killed'],
  },
];
