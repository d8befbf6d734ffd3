import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../tests/e2e/support/until.ts';

const endMs = 30_000;

/** Programs that run as an ordinary user in a directory of their own, each with a log. */
export interface Runner {
  readonly base: string;
  /** Makes a directory below `base`. */
  directory(name: string): string;
  run(name: string, command: string, args: readonly string[]): void;
  pid(name: string): number | undefined;
  /** Waits for the end of one that was killed. */
  ended(name: string): Promise<void>;
  log(name: string): string;
  remove(): Promise<void>;
}

/** PostgreSQL refuses root: it then runs as the user that the Debian package made. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const number = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

export function createRunner(): Runner {
  const owner = unprivileged();
  const base = mkdtempSync(join(tmpdir(), 'patroni-bench-'));
  const own = (path: string) => owner && chownSync(path, owner.uid, owner.gid);
  own(base);
  const children = new Map<string, ChildProcess>();
  const logOf = (name: string) => join(base, `${name}.log`);
  return {
    base,
    directory: (name) => {
      const path = join(base, name);
      mkdirSync(path);
      own(path);
      return path;
    },
    run: (name, command, args) => {
      const log = openSync(logOf(name), 'a');
      const child = spawn(command, args, { ...owner, cwd: base, stdio: ['ignore', log, log], detached: true });
      child.on('exit', () => children.delete(name));
      children.set(name, child);
    },
    pid: (name) => children.get(name)?.pid,
    ended: (name) => until(`${name} has ended`, endMs, () => !children.has(name)),
    log: (name) => readFileSync(logOf(name), 'utf8'),
    remove: () => rm(base, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}
