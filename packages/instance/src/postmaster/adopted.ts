/**
 * A postmaster that the manager before us started, in the same process: after process.execve its children are ours, but
 * Node does not know them. It waits for no child that it has not started, so one that ends stays a zombie until the
 * container is made anew, and answers signals. Hence its end is read from /proc, and a zombie counts as ended.
 */
import { constants } from 'node:os';
import { processStat } from '@matriarch/postgres';
import type { PostmasterExit, PostmasterProcess } from './process.ts';
import { killLeftovers, killServer } from './tree.ts';

/** Tells a process from a later one with the same number. */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

const lookMs = 50;

/** The mark of a running process; undefined when it has ended, or where there is no /proc. */
export function markOf(pid: number): ProcessMark | undefined {
  const stat = processStat(pid);
  return stat === undefined || stat.ended ? undefined : { pid, started: stat.started };
}

/** The marked process as a postmaster of ours; undefined when it has ended, or is not a child of this process. */
export function adoptProcess(mark: ProcessMark, pgData: string): PostmasterProcess | undefined {
  const stat = processStat(mark.pid);
  if (stat?.started !== mark.started || stat.ended || stat.parent !== process.pid) return undefined;
  const exited = Promise.withResolvers<PostmasterExit>();
  const timer = setInterval(() => {
    const exit = exitOf(mark);
    if (exit === undefined) return;
    clearInterval(timer);
    // Until nobody is left who could answer a client, the server has not ended.
    void killLeftovers(pgData).then(() => exited.resolve(exit));
  }, lookMs);
  let killed = false;
  return {
    pid: mark.pid,
    exited: exited.promise,
    kill: (signal) => {
      if (exitOf(mark) === undefined) process.kill(mark.pid, signal);
    },
    get killed() {
      return killed;
    },
    async killAll() {
      await killServer(mark.pid, pgData);
      killed = true;
    },
  };
}

function exitOf(mark: ProcessMark): PostmasterExit | undefined {
  const stat = processStat(mark.pid);
  if (stat?.started !== mark.started) return { code: null, signal: null };
  return stat.ended ? exitStatus(stat.waitStatus) : undefined;
}

/** As wait(2) tells it: the signal in the lowest seven bits, the code in the next eight. */
function exitStatus(waitStatus: number): PostmasterExit {
  const number = waitStatus & 0x7f;
  if (number === 0) return { code: waitStatus >> 8, signal: null };
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { code: null, signal: (name as NodeJS.Signals | undefined) ?? null };
}
