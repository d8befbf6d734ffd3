import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../errors.ts';
import { stateDirectory, statePaths } from './paths.ts';
import { findRunning } from './running.ts';
import type { UpFlags } from './up.ts';

const lookMs = 50;

/** `matriarch up --detach`: the same in the background; returns when everything is up, printing what it prints. */
export async function upDetached(flags: UpFlags): Promise<void> {
  const paths = statePaths(stateDirectory(flags.state, process.env));
  mkdirSync(paths.root, { recursive: true, mode: 0o755 });
  const before = findRunning(paths);
  if (before !== undefined) {
    throw new CommandError(
      `state directory ${paths.root} is in use by process ${before.pid}; stop it with "matriarch down"`,
    );
  }
  const log = openSync(paths.log, 'w', 0o644);
  const args = process.argv.slice(1).filter((argument) => argument !== '--detach');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = { code: undefined as number | null | undefined };
  child.on('exit', (code) => {
    ended.code = code;
  });
  let shown = 0;
  const show = () => {
    const text = readFileSync(paths.log, 'utf8');
    process.stdout.write(text.slice(shown));
    shown = text.length;
  };
  while (ended.code === undefined && findRunning(paths)?.ready !== true) {
    await delay(lookMs);
    show();
  }
  show();
  if (ended.code !== undefined) throw new CommandError(`the start failed; its output is in ${paths.log}`);
  child.unref();
  console.log(
    `Running in the background as process ${child.pid}; "matriarch down" stops it, ${paths.log} is its output.`,
  );
}
