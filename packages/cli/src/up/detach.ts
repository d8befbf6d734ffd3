import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { makeStateDirectory } from '@matriarch/local';
import { CommandError } from '../errors.ts';
import { type StatePaths, stateDirectory, statePaths } from './paths.ts';
import { findRunning, refuseSecond } from './running.ts';
import type { UpFlags } from './up.ts';

const lookMs = 50;

/** `matriarch up --detach`: the same in the background; returns when everything is up, printing what it prints. */
export async function upDetached(flags: UpFlags): Promise<void> {
  const paths = statePaths(stateDirectory(flags.state, process.env));
  refuseSecond(paths);
  makeStateDirectory(paths.root);
  // Under a name of its own until all is up: another start at the same moment is refused, and must not touch the log.
  const starting = `${paths.log}.${process.pid}`;
  const log = openSync(starting, 'w', 0o600);
  const args = process.argv.slice(1).filter((argument) => argument !== '--detach');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = { code: undefined as number | null | undefined };
  child.on('exit', (code) => {
    ended.code = code;
  });
  let shown = 0;
  const show = () => {
    const text = readFileSync(starting, 'utf8');
    process.stdout.write(text.slice(shown));
    shown = text.length;
  };
  while (ended.code === undefined && !isReady(paths, child.pid)) {
    await delay(lookMs);
    show();
  }
  show();
  if (ended.code !== undefined) {
    rmSync(starting, { force: true });
    throw new CommandError('the start failed; the lines above tell why');
  }
  renameSync(starting, paths.log);
  child.unref();
  console.log(
    `Running in the background as process ${child.pid}; "matriarch down" stops it, ${paths.log} is its output.`,
  );
}

function isReady(paths: StatePaths, pid: number | undefined): boolean {
  const running = findRunning(paths);
  return running?.pid === pid && running?.ready === true;
}
