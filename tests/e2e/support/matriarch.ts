import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDirectory, removeState } from '@matriarch/local';
import { until } from './until.ts';

export const root = join(import.meta.dirname, '../../..');
const program = join(root, 'dist/matriarch.mjs');

export interface StartOptions {
  /** State directory; a new one unless given. */
  state?: string;
  /** Whether the example cluster is created too. */
  example?: boolean;
  args?: string[];
  /** Bundle of `matriarch`; the one of this installation unless given. */
  program?: string;
  env?: NodeJS.ProcessEnv;
}

/** A running `matriarch up`. */
export interface Matriarch {
  state: string;
  kubeconfig: string;
  process: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Ctrl-C; resolves to the exit code. */
  stop(): Promise<number | null>;
  /** kill -9 of the program and of everything that it started. */
  kill(): Promise<void>;
  /** Removes the state directory; nothing may run on it. */
  remove(): Promise<void>;
}

/** Starts `matriarch up` and waits until it says that everything is up. */
export async function startMatriarch(options: StartOptions = {}): Promise<Matriarch> {
  const matriarch = await launch(options);
  const ready = () => matriarch.output().includes('Kubeconfig  ');
  const ended = () => matriarch.process.exitCode !== null || matriarch.process.signalCode !== null;
  try {
    await until('matriarch up is ready', 120_000, () => ready() || ended());
    assert.ok(ready(), 'it ended by itself');
  } catch (error) {
    await matriarch.kill();
    throw new Error(`matriarch up did not come up:\n${matriarch.output()}`, { cause: error });
  }
  return matriarch;
}

/** Starts `matriarch up` and returns at once. */
export async function launch(options: StartOptions = {}): Promise<Matriarch> {
  const state = options.state ?? (await mkdtemp(join(tmpdir(), 'matriarch-e2e-')));
  const args = [
    options.program ?? program,
    'up',
    '--state',
    state,
    ...(options.example ? [] : ['--bare']),
    ...(options.args ?? []),
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => (text += piece.toString()));
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return {
    state,
    kubeconfig: join(state, 'kubeconfig'),
    process: child,
    output: () => text,
    async stop() {
      child.kill('SIGINT');
      const code = await exited;
      await noProcesses(state);
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
      for (const pid of processesOf(state)) kill(pid);
      await noProcesses(state);
    },
    remove: () => removeState(state),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/**
 * Processes of the pods of a state directory, told by the link to their root in their environment. Linux only; elsewhere
 * the list is empty.
 */
export function processesOf(state: string): number[] {
  if (!existsSync('/proc/self/environ')) return [];
  const folder = dataDirectory(state);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => belongsTo(name, folder))
    .map(Number);
}

function belongsTo(pid: string, folder: string): boolean {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return hostsFile(variables)?.startsWith(`${folder}/`) === true;
  } catch {
    return false;
  }
}

function hostsFile(variables: readonly string[]): string | undefined {
  const name = 'MATRIARCH_HOSTS_FILE=';
  return variables.find((variable) => variable.startsWith(name))?.slice(name.length);
}

function noProcesses(state: string): Promise<void> {
  return until('all processes have ended', 30_000, () => processesOf(state).length === 0);
}
