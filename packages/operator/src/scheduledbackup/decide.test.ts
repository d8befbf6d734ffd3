import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backup, ScheduledBackup } from '@matriarch/api';
import { testCluster } from '../cluster/testing/world.ts';
import { loadConfig } from '../config/load.ts';
import { decideSchedule, type ScheduleSnapshot } from './decide.ts';

const at = (text: string) => Date.parse(text);

function snapshot(
  now: string,
  change: { spec?: Partial<ScheduledBackup['spec']>; status?: ScheduledBackup['status']; backups?: Backup[] } = {},
): ScheduleSnapshot {
  const scheduled: ScheduledBackup = {
    metadata: { name: 'nightly', namespace: 'demo', uid: 'u' },
    spec: { schedule: '@every 1h', cluster: { name: 'prod' }, ...change.spec },
    ...(change.status ? { status: change.status } : {}),
  };
  return { scheduled, cluster: testCluster(), backups: change.backups ?? [], config: loadConfig([]), now: at(now) };
}

const child = (name: string, phase: string, immediate = 'false'): Backup => ({
  metadata: {
    name,
    namespace: 'demo',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'cnpg.io/scheduled-backup': 'nightly', 'cnpg.io/immediateBackup': immediate },
  },
  spec: { cluster: { name: 'prod' } },
  status: { phase },
});

test('the first look only notes the time', () => {
  const plan = decideSchedule(snapshot('2026-01-01T00:00:00Z'));
  assert.deepEqual(plan.status, { lastCheckTime: '2026-01-01T00:00:00Z', nextScheduleTime: '2026-01-01T01:00:00Z' });
  assert.equal(plan.create, undefined);
  assert.equal(plan.result.kind === 'requeue' && plan.result.afterMs, 3_600_000);
});

test('a slot whose time has come makes one Backup, however many were missed', () => {
  const plan = decideSchedule(snapshot('2026-01-01T05:30:00Z', { status: { lastCheckTime: '2026-01-01T00:00:00Z' } }));
  assert.match(plan.create?.metadata.name ?? '', /^nightly-\d{14}$/);
  assert.equal(plan.create?.metadata.labels?.['cnpg.io/immediateBackup'], 'false');
  assert.equal(plan.status?.lastScheduleTime, '2026-01-01T01:00:00Z');
  assert.equal(plan.status?.nextScheduleTime, '2026-01-01T06:30:00Z');
});

test('immediate takes one at once, and adopts the one that a crash left behind', () => {
  const spec = { immediate: true, backupOwnerReference: 'self' as const };
  const plan = decideSchedule(snapshot('2026-01-01T00:00:05Z', { spec }));
  assert.equal(plan.create?.metadata.labels?.['cnpg.io/immediateBackup'], 'true');
  assert.equal(plan.create?.metadata.ownerReferences?.[0]?.kind, 'ScheduledBackup');
  const backups = [child('nightly-1', 'completed', 'true')];
  const again = decideSchedule(snapshot('2026-01-01T00:00:05Z', { spec, backups }));
  assert.equal(again.create, undefined);
  assert.equal(again.status?.lastScheduleTime, '2026-01-01T00:00:00Z');
});

test('nothing while one is running, suspended, or the schedule cannot be read', () => {
  const status = { lastCheckTime: '2025-01-01T00:00:00Z' };
  const now = '2026-01-01T00:00:00Z';
  assert.equal(decideSchedule(snapshot(now, { status, backups: [child('b', 'running')] })).create, undefined);
  assert.equal(decideSchedule(snapshot(now, { status, spec: { suspend: true } })).result.kind, 'done');
  assert.equal(decideSchedule(snapshot(now, { spec: { schedule: 'soon' } })).result.kind, 'terminal');
});

test('a Backup of that name by somebody else is left alone', () => {
  const status = { lastCheckTime: '2026-01-01T00:00:00Z' };
  const first = decideSchedule(snapshot('2026-01-01T01:30:00Z', { status }));
  const other = { ...child(first.create?.metadata.name ?? '', 'completed') };
  other.metadata = { ...other.metadata, labels: {} };
  const plan = decideSchedule(snapshot('2026-01-01T01:30:00Z', { status, backups: [other] }));
  assert.equal(plan.event?.reason, 'BackupAdoptionRefused');
  assert.equal(plan.create, undefined);
});
