import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { InstanceReport, Observation } from '../../../instances/report.ts';
import type { Snapshot } from '../../snapshot.ts';
import { healthyModel, testCluster } from '../../testing/world.ts';
import { createDraft, type Draft } from '../draft.ts';
import { candidates, lossOf } from './evidence.ts';
import { fallBack } from './fallback.ts';
import { brokenHandover } from './handover.ts';

const standby = (change: Partial<InstanceReport> = {}): Observation => ({
  kind: 'report',
  report: { isPrimary: false, timeLineID: 1, receivedLsn: '0/100', isWalReceiverActive: true, ...change },
});
const primary: Observation = { kind: 'report', report: { isPrimary: true, timeLineID: 1, currentLsn: '0/100' } };
const gone: Observation = { kind: 'unreachable', error: 'no answer' };

interface Scene {
  observations?: Partial<Record<'prod-1' | 'prod-2' | 'prod-3', Observation>>;
  status?: object;
  lease?: { holder: string; annotations?: Record<string, string> };
  notReady?: string[];
  terminating?: string[];
  without?: string[];
}

/** Three instances on three pods; prod-1 is the primary. */
function draftOf({
  observations = {},
  status = {},
  lease,
  notReady = [],
  terminating = [],
  without = [],
}: Scene): Draft {
  const base = healthyModel().snapshot();
  const observed = { 'prod-1': primary, 'prod-2': standby(), 'prod-3': standby(), ...observations };
  const pods = base.pods
    .filter(({ metadata }) => !without.includes(metadata?.name ?? ''))
    .map((pod): Pod => {
      const name = pod.metadata?.name ?? '';
      const deletionTimestamp = terminating.includes(name) ? '2026-01-01T00:00:00Z' : undefined;
      const conditions = [{ type: 'Ready', status: notReady.includes(name) ? 'False' : 'True' }];
      const metadata = { ...pod.metadata, ...(deletionTimestamp ? { deletionTimestamp } : {}) };
      return { ...pod, metadata, status: { ...pod.status, conditions } } as Pod;
    });
  const held = lease && { metadata: { annotations: lease.annotations ?? {} }, spec: { holderIdentity: lease.holder } };
  const snapshot: Snapshot = {
    ...base,
    pods,
    observations: new Map(Object.entries(observed)),
    cluster: { ...testCluster(), status: { ...base.cluster.status, ...status } },
    owned: { ...base.owned, lease: held as Lease | undefined },
  };
  return createDraft(snapshot);
}

describe('a primary is lost', () => {
  const unreachable = standby({ primaryUnreachable: true });
  const cases: [why: string, scene: Scene, lost: boolean][] = [
    ['it reports', {}, false],
    ['it reports, whatever its pod says', { notReady: ['prod-1'], terminating: ['prod-1'] }, false],
    [
      'it reports, whatever the standbys say',
      { observations: { 'prod-2': unreachable, 'prod-3': unreachable } },
      false,
    ],
    [
      'it reports that a disk hangs',
      { observations: { 'prod-1': standby({ unresponsiveReason: 'the volume takes no writes' }) } },
      true,
    ],
    ['only the operator does not reach it', { observations: { 'prod-1': gone } }, false],
    ['one of two standbys reaches it', { observations: { 'prod-1': gone, 'prod-2': unreachable } }, false],
    [
      'one standby alone does not reach it, and the other is not heard of',
      { observations: { 'prod-1': gone, 'prod-2': unreachable, 'prod-3': gone } },
      false,
    ],
    ['no standby reaches it', { observations: { 'prod-1': gone, 'prod-2': unreachable, 'prod-3': unreachable } }, true],
    ['its PostgreSQL has ended', { observations: { 'prod-1': { kind: 'ended' } } }, true],
    ['it starts, and is ready', { observations: { 'prod-1': { kind: 'unavailable', error: 'starting' } } }, false],
    ['it does not report and is not ready', { observations: { 'prod-1': gone }, notReady: ['prod-1'] }, true],
    ['it does not report and is being deleted', { observations: { 'prod-1': gone }, terminating: ['prod-1'] }, true],
    ['its pod is gone', { without: ['prod-1'] }, true],
  ];
  for (const [why, scene, lost] of cases) {
    test(why, () => assert.equal(lossOf(draftOf(scene)) !== undefined, lost, lossOf(draftOf(scene))));
  }
});

describe('candidates', () => {
  const names = (scene: Scene) => candidates(draftOf(scene)).map(({ name }) => name);
  test('the most WAL first', () => {
    assert.deepEqual(names({ observations: { 'prod-3': standby({ receivedLsn: '0/101' }) } }), ['prod-3', 'prod-2']);
  });
  test('more WAL of an older timeline is worth nothing', () => {
    const newer = standby({ receivedLsn: '0/90', timeLineID: 2 });
    assert.deepEqual(names({ observations: { 'prod-2': newer, 'prod-3': standby() } }), ['prod-2']);
  });
  test('only whole data', () => {
    for (const change of [{ isPgRewindRunning: true }, { mightBeUnavailable: true }, { unresponsiveReason: 'hung' }]) {
      assert.deepEqual(names({ observations: { 'prod-3': standby(change) } }), ['prod-2']);
    }
    const { receivedLsn: _nothing, ...without } = { isPrimary: false, receivedLsn: '' };
    assert.deepEqual(names({ observations: { 'prod-3': { kind: 'report', report: without } } }), ['prod-2']);
  });
  test('one that was promoted already comes first', () => {
    const promoted: Observation = { kind: 'report', report: { isPrimary: true, timeLineID: 2, currentLsn: '0/101' } };
    assert.deepEqual(names({ observations: { 'prod-3': promoted } }), ['prod-3']);
  });
});

const finalLsn = 'matriarch.dev/finalLsn';
const lastPrimary = 'matriarch.dev/lastPrimary';
const switching = {
  targetPrimary: 'prod-2',
  targetPrimaryTimestamp: '2026-05-31T23:59:00.000000Z',
  phase: 'Switchover in progress',
};

describe('a switchover is given up', () => {
  const left = { holder: '', annotations: { [lastPrimary]: 'prod-1' } };
  const stopping: Observation = { kind: 'unavailable', error: 'PostgreSQL is being stopped' };
  const cases: [why: string, scene: Scene, broken: boolean][] = [
    ['not while the old primary still reports', { lease: { holder: 'prod-1' } }, false],
    ['not while it stops', { lease: { holder: 'prod-1' }, observations: { 'prod-1': stopping } }, false],
    [
      'when it is lost on the way',
      { lease: { holder: 'prod-1' }, observations: { 'prod-1': gone }, notReady: ['prod-1'] },
      true,
    ],
    ['when the target is no standby', { lease: { holder: 'prod-1' }, observations: { 'prod-2': stopping } }, true],
    ['when it ended without a word', { lease: left }, true],
    [
      'not when it handed over',
      { lease: { ...left, annotations: { ...left.annotations, [finalLsn]: '0/90' } } },
      false,
    ],
    [
      'when the target never gets the last WAL',
      { lease: { ...left, annotations: { ...left.annotations, [finalLsn]: '0/200' } } },
      true,
    ],
    ['not when the target holds the Lease', { lease: { holder: 'prod-2' } }, false],
    [
      'not when the target is about to be promoted',
      { lease: { holder: '', annotations: { [lastPrimary]: 'prod-2' } } },
      false,
    ],
    ['not for a manager of another make', { lease: { holder: '' } }, false],
    ['never when the target was elected', { lease: left, status: { phase: 'Failing over' } }, false],
  ];
  for (const [why, { status = {}, ...scene }, broken] of cases) {
    test(why, () => {
      const reason = brokenHandover(draftOf({ ...scene, status: { ...switching, ...status } }));
      assert.equal(reason !== undefined, broken, reason);
    });
  }
});

test('a dropped target falls back to the one that the Lease knows as promoted, while it lives', () => {
  const lease = { holder: '', annotations: { [lastPrimary]: 'prod-3' } };
  const target = (scene: Scene) => {
    const draft = draftOf({ lease, ...scene, status: switching });
    fallBack(draft);
    return draft.status.targetPrimary;
  };
  assert.equal(target({}), 'prod-3');
  assert.equal(target({ observations: { 'prod-3': gone }, notReady: ['prod-3'] }), 'prod-1');
  assert.equal(target({ lease: { holder: '' } }), 'prod-1');
});
