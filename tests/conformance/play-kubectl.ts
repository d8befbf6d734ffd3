/** A step that runs the stock kubectl. */

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringMatches } from './placeholders.ts';
import type { Step } from './recording.ts';
import type { Variables } from './variables.ts';

export interface KubectlPlace {
  folder: string;
  kubeconfig: string;
}

interface Run {
  exit: number | null;
  stdout: string;
  stderr: string;
}

const DURING_MS = 1000;
const TIMEOUT_MS = 90_000;

export async function playKubectl(
  step: Step,
  place: KubectlPlace,
  variables: Variables,
  playDuring: (steps: readonly Step[]) => Promise<void>,
): Promise<string | undefined> {
  for (const [name, text] of Object.entries(step.files ?? {})) {
    mkdirSync(dirname(join(place.folder, name)), { recursive: true });
    writeFileSync(join(place.folder, name), variables.fill(text));
  }
  const deadline = Date.now() + (step.eventually ?? 0) * 1000;
  for (;;) {
    const run = await runKubectl(step, place, variables, playDuring);
    const wrong = check(step, run, variables);
    if (wrong === undefined || Date.now() >= deadline) return wrong;
    await sleep(200);
  }
}

async function runKubectl(
  step: Step,
  { folder, kubeconfig }: KubectlPlace,
  variables: Variables,
  playDuring: (steps: readonly Step[]) => Promise<void>,
): Promise<Run> {
  const child = spawn('kubectl', variables.fill(step.kubectl ?? []), {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      TMPDIR: folder,
      TZ: 'UTC',
      LANG: 'C',
      KUBECONFIG: kubeconfig,
      KUBECTL_EXTERNAL_DIFF: 'diff -u -N',
    },
    timeout: TIMEOUT_MS,
  });
  const run: Run = { exit: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    run.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    run.stderr += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      run.exit = code;
      resolve();
    });
  });
  child.stdin.end(step.stdin === undefined ? '' : variables.fill(step.stdin));
  const { stopAfterSeconds: stop } = step;
  if (step.during !== undefined) {
    await sleep(DURING_MS);
    await playDuring(step.during);
  }
  if (stop !== undefined)
    setTimeout(() => child.kill('SIGTERM'), Math.max(0, stop * 1000 - (step.during ? DURING_MS : 0)));
  await ended;
  return run;
}

/** Two blanks for every run of two or more within a line; the folders of a diff go without their changing part. */
function normalise(text: string): string {
  return text.replace(/(?<=\S) {2,}/g, '  ').replace(/\S*\/(LIVE|MERGED)-\d+\//g, '$1/');
}

function check(step: Step, run: Run, variables: Variables): string | undefined {
  const expected = step.response;
  if (expected === undefined) return undefined;
  const report = `\n--- stdout\n${run.stdout}--- stderr\n${run.stderr}`;
  if (step.stopAfterSeconds === undefined && expected.exit !== undefined && run.exit !== expected.exit) {
    return `exit: expected ${expected.exit}, got ${run.exit}${report}`;
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const wanted = normalise(expected[stream] ?? '');
    if (!stringMatches(wanted, normalise(run[stream]), variables, {})) {
      return `${stream}: expected\n${wanted}${report}`;
    }
  }
  return undefined;
}
