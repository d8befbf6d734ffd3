/**
 * Plays the recordings of a real API server against ours.
 *
 *   node tests/conformance/play.ts [group] [--scenario NAME] [--verbose] [--update-baseline]
 *
 * Prints how many steps of each group passed and refuses (exit code 1) fewer than baseline.json says.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { playGroup, type ScenarioResult } from './play-group.ts';
import type { Group } from './recording.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const baselinePath = join(folder, 'baseline.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scenario: { type: 'string' },
    verbose: { type: 'boolean', short: 'v' },
    'update-baseline': { type: 'boolean' },
  },
});

function groups(): Group[] {
  const names = readdirSync(join(folder, 'kube-api')).filter((name) => name.endsWith('.json'));
  const wanted = names.filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
  return wanted.sort().map((name) => JSON.parse(readFileSync(join(folder, 'kube-api', name), 'utf8')) as Group);
}

function report(name: string, results: readonly ScenarioResult[]): number {
  let passed = 0;
  let total = 0;
  for (const result of results) {
    const good = result.outcomes.filter((outcome) => outcome.passed && outcome.why === undefined).length;
    passed += good;
    total += result.total;
    if (values.verbose === true) printScenario(result, good);
  }
  console.log(`${name}: ${passed} of ${total} steps (${((100 * passed) / Math.max(total, 1)).toFixed(1)} %)`);
  return passed;
}

function printScenario(result: ScenarioResult, good: number): void {
  console.log(`  ${result.name}: ${good} of ${result.total}`);
  for (const { step, why } of result.outcomes) {
    if (why !== undefined) console.log(`    ${step}\n      ${why.replaceAll('\n', '\n      ')}`);
  }
}

const baseline = JSON.parse(readFileSync(baselinePath, 'utf8')) as { [group: string]: number };
const fallen: string[] = [];
for (const group of groups()) {
  const passed = report(group.group, await playGroup(group, values.scenario));
  if (values.scenario !== undefined) continue;
  const before = baseline[group.group] ?? 0;
  if (passed < before) fallen.push(`${group.group}: ${passed} steps pass, ${before} did before`);
  baseline[group.group] = Math.max(before, passed);
}
if (values['update-baseline'] === true) writeFileSync(baselinePath, `${JSON.stringify(baseline, null, 2)}\n`);
for (const line of fallen) console.error(line);
process.exitCode = fallen.length > 0 ? 1 : 0;
