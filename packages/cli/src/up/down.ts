import { setTimeout as delay } from 'node:timers/promises';
import { removeState } from '@matriarch/local';
import { CommandError } from '../errors.ts';
import { stateDirectory, statePaths } from './paths.ts';
import { findRunning, isAlive } from './running.ts';

export interface StateFlags {
  state?: string;
}

const lookMs = 50;
const patienceMs = 90_000;

/** `matriarch down`: stops what runs on a state directory; data stay. */
export async function down(flags: StateFlags): Promise<void> {
  const paths = statePaths(stateDirectory(flags.state, process.env));
  const running = findRunning(paths);
  if (running === undefined) {
    console.log(`Nothing runs on ${paths.root}.`);
    return;
  }
  process.kill(running.pid, 'SIGTERM');
  const deadline = Date.now() + patienceMs;
  while (isAlive(running)) {
    if (Date.now() > deadline) {
      throw new CommandError(`process ${running.pid} has not ended after ${patienceMs / 1000} s; its output tells why`);
    }
    await delay(lookMs);
  }
  console.log('Stopped; all data is kept.');
}

/** `matriarch reset --yes`: removes a state directory with all databases and backups in it. */
export async function reset(flags: StateFlags & { yes: boolean }): Promise<void> {
  const paths = statePaths(stateDirectory(flags.state, process.env));
  if (!flags.yes) {
    throw new CommandError(
      `this removes all databases and backups in ${paths.root}; add --yes if that is what you want`,
    );
  }
  const running = findRunning(paths);
  if (running !== undefined) {
    throw new CommandError(`${paths.root} is in use by process ${running.pid}; run "matriarch down" first`);
  }
  await removeState(paths.root);
  console.log(`Removed ${paths.root}.`);
}
