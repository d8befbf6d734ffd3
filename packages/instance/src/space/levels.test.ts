import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { causeOf, type WalFacts } from './cause.ts';
import {
  isExhausted,
  type Level,
  limitsOf,
  nextLevel,
  pauseBefore,
  reserveBytes,
  restraintOf,
  unmeasured,
  type VolumeSpace,
} from './levels.ts';
import { reportOf } from './report.ts';
import { endSessionsSql, restrainedHba } from './restraint.ts';

const MiB = 2 ** 20;
const volume = (sizeMiB: number, availableMiB: number, change: Partial<VolumeSpace> = {}): VolumeSpace => ({
  name: 'PGDATA',
  path: '/data',
  sizeBytes: sizeMiB * MiB,
  freeBytes: availableMiB * MiB,
  availableBytes: availableMiB * MiB,
  segmentBytes: 16 * MiB,
  vital: true,
  ...change,
});
const still = { recent: 0, lasting: 0 };
const inMiB = (size: number, rate = still) =>
  Object.values(limitsOf(volume(size, size), rate)).map((bytes) => Math.round(bytes / MiB));

test('limits: segments for small volumes, per cent for larger ones, a cap for the largest; more for fast writers', () => {
  assert.deepEqual(inMiB(240), [96, 60, 30]);
  assert.deepEqual(inMiB(1024), [128, 64, 32]);
  assert.deepEqual(inMiB(10 * 1024), [1024, 307, 154]);
  assert.deepEqual(inMiB(1024 * 1024), [5120, 1024, 512]);
  assert.deepEqual(inMiB(10 * 1024, { recent: 200 * MiB, lasting: 50 * MiB }), [3000, 600, 200]);
  assert.deepEqual(inMiB(240, { recent: 500 * MiB, lasting: 500 * MiB }), [96, 60, 30]);
});

/** Levels that a volume goes through, one measure a second. */
function play(size: number, available: readonly number[], change: Partial<VolumeSpace> = {}): Level[] {
  let state = unmeasured;
  return available.map((amount, second) => {
    state = nextLevel(volume(size, amount, change), state, second * 1000);
    return state.level;
  });
}

test('a volume that fills in a moment is closed at once, and opened only with room to spare', () => {
  const fast = play(1024, [1000, 500, 127, 63, 31, 33, 47, 49, 130, 380, 385]);
  assert.equal(fast.join(' '), 'roomy roomy closed closed closed closed closed closed closed roomy low');
});

test('who goes on after the stop closes the volume until there is room', () => {
  const levels = play(1024, [90, 80, 70, 62, 61, 60, 60, 50, 43, 60, 80, 95, 1000]);
  const expected = 'low low low stopped stopped stopped stopped stopped closed closed closed closed roomy';
  assert.equal(levels.join(' '), expected);
});

test('slowly filled', () => {
  const steps = [200, 180, 160, 140, 127, 126, 141, 130, 127, 100, 80, 63, 62, 62, 62, 95, 96, 96, 150];
  const seconds = steps.flatMap((amount) => Array.from({ length: 61 }, () => amount));
  const levels = play(1024, seconds).filter((_, index) => index % 61 === 60);
  assert.equal(
    levels.join(' '),
    [
      ...['roomy', 'roomy', 'roomy', 'roomy', 'low', 'low', 'roomy', 'roomy', 'low', 'low', 'low'],
      ...['stopped', 'stopped', 'stopped', 'stopped', 'stopped', 'low', 'low', 'roomy'],
    ].join(' '),
  );
});

test('looks come sooner, the nearer the limit is', () => {
  const pause = (...amounts: number[]) => {
    const samples = amounts.map((amount, second) => ({ atMs: second * 1000, availableBytes: amount * MiB }));
    return Math.round(pauseBefore(volume(10_240, amounts.at(-1) ?? 0), { ...unmeasured, samples }));
  };
  assert.equal(pause(9000, 9000), 1000);
  assert.equal(pause(2000, 1900), 1000);
  assert.equal(pause(707, 607), 750);
  assert.equal(pause(420, 320), 100);
});

test('a larger volume is roomy at once; a full tablespace only warns', () => {
  let state = nextLevel(volume(1024, 10), unmeasured, 0);
  assert.equal(state.level, 'closed');
  state = nextLevel(volume(2048, 1034), state, 1000);
  assert.equal(state.level, 'roomy');
  assert.deepEqual(play(1024, [1024, 0], { vital: false }), ['roomy', 'low']);
});

test('whatever is measured: no level is better than the limits at rest allow', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1024), { minLength: 1, maxLength: 60 }), (amounts) => {
      const limits = limitsOf(volume(1024, 0), still);
      for (const [index, level] of play(1024, amounts).entries()) {
        const bytes = (amounts[index] ?? 0) * MiB;
        if (bytes < limits.closeAt) assert.equal(level, 'closed');
        if (bytes < limits.stopAt) assert.ok(level === 'closed' || level === 'stopped');
        if (bytes < limits.warnAt) assert.notEqual(level, 'roomy');
        if (bytes === 1024 * MiB) assert.equal(level, 'roomy');
      }
    }),
  );
});

test('a primary is restrained by its worst volume, a standby never', () => {
  assert.equal(restraintOf(['roomy', 'low'], 'primary'), 'none');
  assert.equal(restraintOf(['stopped', 'low'], 'primary'), 'readOnly');
  assert.equal(restraintOf(['stopped', 'closed'], 'primary'), 'closed');
  assert.equal(restraintOf(['closed'], 'standby'), 'none');
  assert.ok(isExhausted(volume(1024, 15)) && !isExhausted(volume(1024, 16)));
  assert.equal(reserveBytes(volume(1024, 1)), 32 * MiB);
  assert.equal(reserveBytes(volume(160, 1)), 10 * MiB);
});

const facts: WalFacts = {
  readyFiles: 1,
  archivingFails: false,
  segmentBytes: 16 * MiB,
  slot: undefined,
  usedBytes: 900 * MiB,
};

test('the cause is told', () => {
  assert.equal(causeOf(facts), 'most of it is data');
  assert.equal(
    causeOf({ ...facts, readyFiles: 40, archivingFails: true }),
    'archiving fails and 40 WAL files wait for it',
  );
  assert.equal(
    causeOf({ ...facts, readyFiles: 40 }),
    'archiving is slower than the writes and 40 WAL files wait for it',
  );
  const slot = { name: 'debezium', bytes: 700 * MiB };
  assert.equal(causeOf({ ...facts, slot }), 'the replication slot debezium holds 700 MiB of WAL');
  assert.equal(causeOf(undefined), 'what fills it is not known');
});

test('the report names instance, volume, cause and remedy', () => {
  const wal = { space: volume(1024, 40, { name: 'WAL' }), level: 'stopped' as const };
  const data = { space: volume(1024, 100), level: 'low' as const };
  const view = { podName: 'prod-1', volumes: [data, wal], restraint: 'readOnly' as const, facts, walVolume: true };
  assert.deepEqual(reportOf(view), {
    level: 'stopped',
    message:
      'prod-1 accepts no writes: the WAL volume has 40 MiB of 1024 MiB left; most of it is data; raise spec.walStorage.size',
  });
  assert.equal(reportOf({ ...view, volumes: [{ ...data, level: 'roomy' }] }), undefined);
});

test('pg_hba.conf is closed behind the lines of replication, once, and opened again as it was', () => {
  const own = 'hostssl all cnpg_pooler_pgbouncer all cert map=cnpg_pooler_pgbouncer';
  const open = `local all all peer map=local\n${own}\nhost all all all reject\nhost all all all scram-sha-256\n`;
  const users = open.replace(`${own}\nhost all all all reject`, own);
  const closed = restrainedHba(users, 'closed');
  assert.equal(closed, open);
  assert.equal(restrainedHba(closed, 'closed'), closed);
  assert.equal(restrainedHba(closed, 'none'), users);
  assert.match(endSessionsSql('readOnly', 'superuser'), /backend_xid IS NOT NULL/);
  assert.doesNotMatch(endSessionsSql('readOnly', 'superuser'), /client_addr IS NOT NULL/);
});
