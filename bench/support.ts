import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** Median, least and most of some measurements. */
export interface Summary {
  median: number;
  min: number;
  max: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/** `1.23 (1.10-1.40)`. */
export function format({ median, min, max }: Summary, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

/** One row of a table in bench/results.md. */
export interface Row {
  what: string;
  unit: string;
  values: readonly number[];
  /** The figure to reach, e.g. `<= 10`. */
  target: string;
  digits?: number;
}

/** Prints the machine, the versions and a table in Markdown. */
export function report(command: string, rows: readonly Row[]): void {
  const [cpu] = cpus();
  const gigabytes = (totalmem() / 1024 ** 3).toFixed(0);
  console.log(`Command: \`${command}\` on ${new Date().toISOString().slice(0, 10)}.`);
  console.log(
    `Machine: ${cpus().length} cores (${cpu?.model.trim()}), ${gigabytes} GiB, ${type()} ${release()}; Node ${process.version}.`,
  );
  console.log('\n| what | unit | median (min-max) | target | runs |\n| --- | --- | --- | --- | --- |');
  for (const { what, unit, values, target, digits = 2 } of rows) {
    console.log(`| ${what} | ${unit} | ${format(summarize(values), digits)} | ${target} | ${values.length} |`);
  }
}

/** Resident memory of a process in MiB. */
export function residentMemory(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

/** Seconds that a synchronous command takes; it must succeed. */
export function secondsOf(program: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  execFileSync(program, [...args], { env, stdio: 'ignore' });
  return (performance.now() - start) / 1000;
}

/** Number of runs: the first argument, else the given one. */
export function runsFromArguments(usual: number): number {
  const runs = Number(process.argv[2] ?? usual);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`"${process.argv[2]}" is not a number of runs`);
  return runs;
}
