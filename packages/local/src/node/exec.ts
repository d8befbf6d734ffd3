/** Further programs in a running container. */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolveProgram } from './command.ts';
import { exitStatus, type Stdio, spawnProcess } from './container-process.ts';
import type { RunningContainer } from './container-scope.ts';
import { signalProcess } from './processes.ts';
import { translateEnvironment, translatePath } from './translate.ts';

/** An absolute program that the container does not have is the host's: containers share its file system. */
function resolveExec(program: string | undefined, root: string, path: string): string {
  if (program?.startsWith('/') && !existsSync(join(root, program)) && existsSync(program)) return program;
  return resolveProgram(program, root, path);
}

/** Starts a program with the environment, root and user of the container. */
export function startExec(
  running: RunningContainer,
  command: readonly string[],
  stdio: readonly [Stdio, Stdio, Stdio],
): Promise<ChildProcess> {
  const { root, user } = running;
  const [program, ...words] = command;
  const link = running.env.CONTAINER_SANDBOX_MOUNT_POINT ?? root;
  const env = translateEnvironment(running.env, root, link);
  const args = words.map((word) => translatePath(word, root, link));
  const file = resolveExec(program, root, env.PATH ?? '');
  return spawnProcess({ file, args, env, cwd: root, user }, stdio);
}

const KEPT_BYTES = 10 * 1024;

/** Runs a program to its end, or kills it when the signal says so. */
export async function execIn(
  running: RunningContainer,
  command: readonly string[],
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  const child = await startExec(running, command, ['ignore', 'pipe', 'pipe']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => {
      if (output.length < KEPT_BYTES) output += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    const abort = () => {
      // The whole group: a shell must not leave its program behind.
      if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
      reject(new Error('timed out'));
    };
    signal.addEventListener('abort', abort, { once: true });
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', abort);
      resolve({ exitCode: exitStatus(code, killedBy).exitCode, output });
    });
    if (signal.aborted) abort();
  });
}
