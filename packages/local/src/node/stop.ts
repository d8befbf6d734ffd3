/** The end of a container as its owner wishes it: hook, SIGTERM, time to tidy up, SIGKILL. */
import type { Container } from 'kubernetes-types/core/v1.d.ts';
import { sleep } from '../runtime/time.ts';
import type { ContainerProcess } from './container-process.ts';
import { killOwned, type Ownership } from './processes.ts';

type Exec = (command: readonly string[], signal: AbortSignal) => Promise<unknown>;

/** Resolves when the main process has ended. */
export async function stopGracefully(
  process: ContainerProcess,
  container: Container,
  graceMs: number,
  ownership: () => Ownership,
  exec: Exec,
): Promise<void> {
  const ended = new AbortController();
  const exit = process.exited.then(() => ended.abort());
  const deadline = performance.now() + graceMs;
  if (graceMs > 0) {
    await runPreStop(container, exec, AbortSignal.any([ended.signal, AbortSignal.timeout(graceMs)]));
    process.signal('SIGTERM');
    const left = Math.max(0, deadline - performance.now());
    await sleep(left, ended.signal);
  }
  if (!ended.signal.aborted) {
    process.signal('SIGKILL');
    await killOwned(ownership());
  }
  await exit;
}

async function runPreStop(container: Container, exec: Exec, signal: AbortSignal): Promise<void> {
  const hook = container.lifecycle?.preStop;
  if (hook?.sleep) await sleep(hook.sleep.seconds * 1000, signal);
  const command = hook?.exec?.command;
  // A failing hook stops nothing: the container ends all the same.
  if (command) await exec(command, signal).catch(() => undefined);
}
