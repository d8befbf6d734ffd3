import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { decideInstance, type InstanceView } from './decide.ts';

const view: InstanceView = {
  podName: 'p-1',
  nowMs: 0,
  cluster: { targetPrimary: 'p-1', currentPrimary: 'p-1', failingOver: false, replicaCluster: false, fenced: false },
  data: 'primary',
  server: 'running',
  lease: {
    held: true,
    claim: { kind: 'wait', reason: '' },
    finalLsn: undefined,
    successor: undefined,
    silent: false,
    settled: false,
  },
  authority: { kind: 'lease', untilMs: 10 },
  receiver: { connected: true, active: false },
  replayedLsn: undefined,
  diverged: false,
};

interface Change extends Partial<Omit<InstanceView, 'cluster' | 'lease'>> {
  cluster?: Partial<InstanceView['cluster']>;
  lease?: Partial<InstanceView['lease']>;
}

const step = ({ cluster, lease, ...rest }: Change) => {
  const decided = decideInstance({
    ...view,
    ...rest,
    cluster: { ...view.cluster, ...cluster },
    lease: { ...view.lease, ...lease },
  });
  return decided.kind === 'stop' ? `stop ${decided.cause}` : decided.kind;
};

const check = (cases: readonly (readonly [Change, string])[]) => {
  for (const [change, expected] of cases) assert.equal(step(change), expected, inspect(change, { depth: 5 }));
};

const claim = { kind: 'claim' } as const;
const none = { kind: 'none' } as const;

test("the target with a primary's data", () => {
  check([
    [{}, 'run'],
    [{ cluster: { currentPrimary: 'p-2' } }, 'announce'],
    [{ server: 'starting', cluster: { currentPrimary: 'p-2' } }, 'run'],
    [{ server: 'down' }, 'start'],
    [{ server: 'down', lease: { held: false } }, 'wait'],
    [{ server: 'down', lease: { held: false, claim } }, 'acquire'],
    [{ server: 'down', lease: { held: false, claim, successor: 'p-2' } }, 'wait'],
    [{ server: 'running', lease: { held: false } }, 'stop lost-lease'],
    [{ authority: none }, 'stop isolated'],
    [{ authority: none, server: 'killed' }, 'wait'],
    [{ authority: none, server: 'down' }, 'wait'],
  ]);
});

test('a primary that is not the target steps down', () => {
  const cluster = { targetPrimary: 'pending' };
  check([
    [{ cluster }, 'stop demote'],
    [{ cluster, server: 'stopping' }, 'stop demote'],
    [{ cluster, server: 'killed' }, 'release'],
    [{ cluster, server: 'down' }, 'release'],
    [{ cluster, server: 'down', lease: { held: false } }, 'wait'],
    [{ cluster: { targetPrimary: 'p-2', currentPrimary: 'p-2' }, server: 'down', lease: { held: false } }, 'rejoin'],
    [{ cluster: { targetPrimary: '', currentPrimary: '' }, server: 'down', lease: { held: false } }, 'wait'],
  ]);
});

test('a standby that is the target by handover has all WAL first, then the lease', () => {
  const standby: Change = { data: 'standby', cluster: { currentPrimary: 'p-2' }, replayedLsn: 101n };
  const lease = { held: false, claim, finalLsn: 100n };
  check([
    [{ ...standby, server: 'down' }, 'start'],
    [{ ...standby, server: 'starting' }, 'run'],
    [{ ...standby, lease }, 'acquire'],
    [{ ...standby, lease: { ...lease, finalLsn: undefined } }, 'wait'],
    [{ ...standby, lease: { ...lease, finalLsn: undefined, silent: true } }, 'acquire'],
    [{ ...standby, lease: { ...lease, held: true, finalLsn: undefined, settled: true } }, 'promote'],
    [{ ...standby, lease, replayedLsn: 100n }, 'wait'],
    [{ ...standby, lease, replayedLsn: undefined }, 'wait'],
    [{ ...standby, lease: { ...lease, claim: { kind: 'collect', term: 1, from: [] } } }, 'collect'],
    [{ ...standby, lease: { ...lease, held: true } }, 'promote'],
    [{ ...standby, lease: { ...lease, held: true }, receiver: { connected: true, active: true } }, 'wait'],
    [{ ...standby, lease: { ...lease, held: true }, authority: none }, 'wait'],
  ]);
});

test('a standby that was elected stops receiving, and needs no handover', () => {
  const elected: Change = { data: 'standby', cluster: { currentPrimary: 'p-2', failingOver: true } };
  const receiver = { connected: false, active: false };
  check([
    [elected, 'cut'],
    [{ ...elected, receiver, lease: { held: false, claim } }, 'acquire'],
    [{ ...elected, receiver }, 'promote'],
  ]);
});

test('other standbys follow, and receive nothing during an election', () => {
  const standby: Change = { data: 'standby', lease: { held: false } };
  const cut = { connected: false, active: false };
  check([
    [{ ...standby, cluster: { targetPrimary: 'p-2', currentPrimary: 'p-2' } }, 'run'],
    [{ ...standby, cluster: { targetPrimary: 'p-2', currentPrimary: 'p-2' }, receiver: cut }, 'connect'],
    [{ ...standby, cluster: { targetPrimary: 'p-3', currentPrimary: 'p-2' } }, 'run'],
    [{ ...standby, cluster: { targetPrimary: 'pending', currentPrimary: 'p-2' } }, 'cut'],
    [{ ...standby, cluster: { targetPrimary: 'pending', currentPrimary: 'p-2' }, server: 'down' }, 'cut'],
    [{ ...standby, cluster: { targetPrimary: 'pending', currentPrimary: 'p-2' }, receiver: cut }, 'run'],
    [{ ...standby, cluster: { targetPrimary: 'p-3', currentPrimary: 'p-2', failingOver: true } }, 'cut'],
    [{ ...standby, cluster: { targetPrimary: 'p-2', currentPrimary: 'p-2' }, diverged: true }, 'stop diverged'],
    [
      { ...standby, cluster: { targetPrimary: 'pending', currentPrimary: 'p-2' }, receiver: cut, diverged: true },
      'run',
    ],
    [{ ...standby, cluster: { targetPrimary: 'p-2' }, lease: { held: true } }, 'release'],
    [{ ...standby, cluster: { targetPrimary: 'p-2' }, server: 'down' }, 'start'],
  ]);
});

test('a fenced instance, and one of a replica cluster', () => {
  check([
    [{ cluster: { fenced: true } }, 'stop fence'],
    [{ cluster: { fenced: true }, server: 'down' }, 'release'],
    [{ cluster: { fenced: true }, server: 'down', lease: { held: false } }, 'wait'],
    [{ cluster: { replicaCluster: true } }, 'stop demote'],
    [{ cluster: { replicaCluster: true }, server: 'down', lease: { held: false } }, 'markStandby'],
    [{ cluster: { replicaCluster: true, currentPrimary: '' }, data: 'standby', lease: { held: false } }, 'announce'],
    [{ cluster: { replicaCluster: true }, data: 'standby', lease: { held: false } }, 'run'],
  ]);
});
