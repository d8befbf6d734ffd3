/** `npm run faults`: many faults on one cluster, and a page that shows what they did. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderReport } from './report.ts';
import type { RunResult } from './result.ts';
import { runFaults } from './run.ts';

const usage = `npm run faults -- [--count N] [--seed N] [--only PATTERN] [--report FILE]

  --count N       how many faults (20)
  --seed N        which ones; a run with the same seed does the same (chosen by the clock)
  --only PATTERN  only kinds of faults whose names match this regular expression
  --report FILE   where the page goes (a new file in ${tmpdir()})`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
    only: { type: 'string' },
    report: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** @throws RangeError unless the text is a whole number from `least` on. */
function whole(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`${flag} "${text}" is not a whole number from ${least} on`);
}

async function main(): Promise<void> {
  const seed = whole('--seed', values.seed, 0);
  const count = whole('--count', values.count, 1);
  const folder = join(tmpdir(), `matriarch-faults-${seed}-${process.pid}`);
  const page = resolve(process.env.INIT_CWD ?? '.', values.report ?? `${folder}.html`);
  const write = (result: RunResult) => writeFileSync(page, renderReport(result));
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  const result = await runFaults({
    seed,
    count,
    ...(values.only === undefined ? {} : { only: new RegExp(values.only) }),
    print: console.log,
    progress: write,
    diagnostics: folder,
    signal: stop.signal,
  });
  write(result);
  const defects = result.results.filter(({ problems }) => problems.length > 0).length;
  console.log(`${result.results.length} faults, ${defects} with defects; report: ${page}`);
  process.exitCode = defects === 0 ? 0 : 1;
}

if (values.help) console.log(usage);
else await main();
