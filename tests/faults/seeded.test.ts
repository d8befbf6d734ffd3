import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notAskedFor } from '../e2e/support/long.ts';
import { runFaults } from './harness/run.ts';

// Twenty faults on one cluster whose commits wait for a standby, written to at full speed all the time. After each: every
// acknowledged row is there, never two primaries, standbys in step, data checksums clean.

const skip = notAskedFor || (process.platform === 'linux' ? false : 'processes are found through /proc');
const seed = Number(process.env.FAULTS_SEED ?? 3);
const count = 20;

test(`${count} faults of seed ${seed}`, { skip, timeout: 600_000 }, async () => {
  const { results } = await runFaults({ seed, count, print: console.log });
  assert.equal(results.length, count);
  assert.deepEqual(
    results
      .filter(({ problems }) => problems.length > 0)
      .map(({ kind, about, problems }) => ({ kind, about, problems })),
    [],
  );
});
