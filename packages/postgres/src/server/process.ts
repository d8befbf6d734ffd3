import { readFileSync } from 'node:fs';

/** What Linux says of a process. */
export interface ProcessStat {
  readonly parent: number;
  /** Clock ticks since the machine started: tells a process from a later one with the same number. */
  readonly started: string;
  /** It has ended; a zombie's parent has only not looked yet. */
  readonly ended: boolean;
  /** Once it has ended, as wait(2) tells it. */
  readonly waitStatus: number;
}

/** Reads `/proc/PID/stat`; undefined when there is no such process, or no such file system. Takes some microseconds. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

/** The fields after the name in parentheses, which may hold anything (proc_pid_stat(5)). */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  const started = fields[19];
  if (state === undefined || started === undefined) return undefined;
  return {
    parent: Number(parent),
    started,
    ended: state === 'Z' || state === 'X',
    waitStatus: Number(fields[49] ?? 0),
  };
}
