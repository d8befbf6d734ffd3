import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupInfo } from './backup-info.ts';
import { classify, type Keep, walDeletion, windowOf } from './retention.ts';

const now = new Date('2026-02-10T12:00:00Z');
const day = 86_400_000;

/** A backup taken `age` days ago whose WAL begins at segment `100 - age`. */
function aged(age: number, change: Partial<BackupInfo> = {}): BackupInfo {
  const end = new Date(now.getTime() - age * day);
  const wal = `0000000100000000000000${(100 - age).toString(16).toUpperCase().padStart(2, '0')}`;
  const backupId = end.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '');
  return { backupId, status: 'DONE', endTime: end, timeline: 1, beginWal: wal, endWal: wal, ...change };
}

const none = new Map<string, Keep>();

test('a window keeps the backup just older than it', () => {
  const backups = Array.from({ length: 10 }, (_, age) => aged(age, age === 4 ? { status: 'FAILED' } : {}));
  const verdicts = classify(backups, none, '3d', now);
  assert.deepEqual(
    backups.map(({ backupId }) => verdicts.get(backupId)),
    ['VALID', 'VALID', 'VALID', 'VALID', '-', 'VALID', 'OBSOLETE', 'OBSOLETE', 'OBSOLETE', 'OBSOLETE'],
  );
});

test('with none older than the window everything is valid', () => {
  const backups = [aged(1), aged(2)];
  assert.deepEqual([...classify(backups, none, '1w', now).values()], ['VALID', 'VALID']);
});

test('a keep annotation overrides the verdict', () => {
  const old = aged(9);
  const keeps = new Map<string, Keep>([[old.backupId, 'standalone']]);
  assert.equal(classify([aged(1), aged(5), old], keeps, '2d', now).get(old.backupId), 'KEEP:STANDALONE');
});

test('a month has 31 days, and other forms are refused', () => {
  assert.equal(windowOf('1m'), 31 * day);
  for (const policy of ['0d', '3', 'd', '1y', '3d ']) assert.throws(() => windowOf(policy), RangeError);
});

test('WAL before the next backup goes, timelines and history that others need stay', () => {
  const [oldest, next, onTwo] = [aged(9), aged(5), aged(1, { timeline: 2 })];
  const deletion = walDeletion(oldest, [oldest, next, onTwo], none);
  assert.ok(deletion);
  assert.equal(deletion.deletes('00000001000000000000005A'), true);
  assert.equal(deletion.deletes(next.beginWal ?? ''), false);
  assert.equal(deletion.deletes(`${next.beginWal}.00000028.backup`), false);
  assert.equal(deletion.deletes('000000020000000000000001'), false);
  assert.equal(deletion.deletes('00000001.history'), false);
});

test('an older backup that stays keeps all WAL, one kept standalone only its own', () => {
  const [first, second, third] = [aged(9), aged(7), aged(5)];
  assert.equal(walDeletion(second, [first, second, third], none), undefined);
  const keeps = new Map<string, Keep>([[first.backupId, 'standalone']]);
  const deletion = walDeletion(second, [first, second, third], keeps);
  assert.equal(deletion?.deletes(first.beginWal ?? ''), false);
  assert.equal(deletion?.deletes(second.beginWal ?? ''), true);
});
