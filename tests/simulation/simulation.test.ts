import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { runMany } from './parallel.ts';
import { replay, replayCommand } from './replay.ts';
import { runSchedule } from './run.ts';

const schedules = Number(process.env.SIMULATION_SCHEDULES ?? 3_000);
const leastSteps = 200;

test('a seed replays exactly', () => {
  assert.deepEqual(runSchedule(4711), runSchedule(4711));
  assert.deepEqual(replay(4711), replay(4711));
});

test(`${schedules} schedules: one writer, nothing lost, the best is elected, every run ends healthy`, async (context) => {
  const began = performance.now();
  const totals = await runMany({ from: 1, count: schedules, threads: Math.min(2, availableParallelism()) });
  const seconds = (performance.now() - began) / 1000;
  context.diagnostic(
    `${(totals.schedules / seconds).toFixed(0)} schedules/s, ${(totals.steps / seconds).toFixed(0)} steps/s`,
  );
  const [first] = totals.failures;
  const story = first === undefined ? '' : replay(first.seed).slice(-100).join('\n');
  const commands = totals.failures.map(({ seed, rule, text }) => `${rule}: ${text}\n  ${replayCommand(seed)}`);
  assert.equal(totals.failures.length, 0, [...commands, story].join('\n'));
  assert.equal(totals.schedules, schedules);
  assert.ok(totals.leastSteps >= leastSteps, `a schedule had ${totals.leastSteps} steps only`);
  // A simulation in which nothing happens proves nothing.
  assert.ok(totals.promotions > schedules / 10, `${totals.promotions} promotions`);
  assert.ok(totals.acknowledgements > schedules, `${totals.acknowledgements} acknowledged writes`);
});
