/**
 * `npm run simulate -- --count 100000 --seed N`: many schedules; `--replay N` tells one. `--mutation NAME` plays one of the
 * deliberate defects, `--threads N` sets the number of threads.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { mutations } from './mutations/mutations.ts';
import { runMany } from './parallel.ts';
import { replay, replayCommand } from './replay.ts';
import type { Totals } from './totals.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { count: text, seed: text, replay: text, mutation: text, threads: text },
  strict: true,
});

function numberOf(name: 'count' | 'seed' | 'replay' | 'threads', fallback: number): number {
  const value = values[name] === undefined ? fallback : Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} ${values[name]}: a whole number is needed`);
  return value;
}

const mutation = mutations.find(({ name }) => name === values.mutation);
if (values.mutation !== undefined && mutation === undefined) {
  throw new Error(`--mutation ${values.mutation}: one of ${mutations.map(({ name }) => name).join(', ')}`);
}

if (values.replay !== undefined) {
  console.log(replay(numberOf('replay', 0), mutation).join('\n'));
} else {
  process.exitCode = await simulate(numberOf('seed', 1), numberOf('count', 20_000));
}

async function simulate(from: number, count: number): Promise<number> {
  const began = performance.now();
  let toldAt = began;
  const totals = await runMany({
    ...{ from, count, threads: numberOf('threads', availableParallelism()) },
    ...(mutation ? { mutation: mutation.name } : {}),
    onProgress: (so_far) => {
      if (performance.now() - toldAt < 10_000) return;
      toldAt = performance.now();
      console.log(`${so_far.schedules} of ${count} schedules, ${so_far.failures.length} failed`);
    },
  });
  console.log(summary(totals, (performance.now() - began) / 1000));
  for (const { seed, rule, text } of totals.failures) {
    console.log(`\n${rule}: ${text}\n  ${replayCommand(seed, mutation?.name)}`);
  }
  const [first] = totals.failures;
  if (first === undefined) return 0;
  console.log(`\n${replay(first.seed, mutation).slice(-120).join('\n')}`);
  return 1;
}

function summary(totals: Totals, seconds: number): string {
  const { schedules, steps, leastSteps, virtualMs, passes, promotions, acknowledgements, thawed } = totals;
  return [
    `${schedules} schedules in ${seconds.toFixed(1)} s: ${(schedules / seconds).toFixed(0)} schedules/s, ${(steps / seconds).toFixed(0)} steps/s`,
    `${steps} steps (at least ${leastSteps} each), ${(virtualMs / 3_600_000).toFixed(1)} hours of virtual time, ${passes} passes of operators`,
    `${promotions} promotions, ${acknowledgements} acknowledged writes, ${thawed} of them by a thawed primary before it was killed`,
    `${totals.failures.length} failed`,
  ].join('\n');
}
