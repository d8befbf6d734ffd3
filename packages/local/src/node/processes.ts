/** The processes of the machine: who belongs to which container, and ending them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Tells a process from a later one with the same number. */
  readonly started: string;
  /** Zombies are dead: only their parent has not looked yet. */
  readonly dead: boolean;
}

export const SANDBOX_VARIABLE = 'CONTAINER_SANDBOX_MOUNT_POINT';

/** Parses `/proc/PID/stat`; the name in parentheses may hold anything. */
export function parseStat(text: string): ProcessFacts | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const started = fields[19];
  if (state === undefined || started === undefined) return undefined;
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started,
    dead: state === 'Z' || state === 'X',
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** What is known of a process; undefined when there is none. */
export function processFacts(pid: number): ProcessFacts | undefined {
  if (process.platform === 'linux') return parseStat(readText(`/proc/${pid}/stat`));
  return listWithPs().find((facts) => facts.pid === pid);
}

function listWithPs(): ProcessFacts[] {
  const output = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    timeout: 5000,
  });
  return output.split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...started] = line.trim().split(/\s+/);
    if (!pid || state === undefined) return [];
    const dead = state.startsWith('Z');
    return [
      { pid: Number(pid), parent: Number(parent), group: Number(group), session: 0, started: started.join(' '), dead },
    ];
  });
}

function listProcesses(): ProcessFacts[] {
  if (process.platform !== 'linux') return listWithPs();
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    const facts = pid > 0 ? processFacts(pid) : undefined;
    return facts ? [facts] : [];
  });
}

/** Main process of a container as recorded at its start. */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

/** How the processes of one container, or of all containers of a state directory, are told from others. */
export interface Ownership {
  /** Whether a sandbox path found in an environment is one of ours. */
  owns(sandbox: string): boolean;
  /** A process without readable environment that works below one of these directories is ours too. */
  readonly directories: readonly string[];
  readonly marks: readonly ProcessMark[];
  /** No process of the container is older than this one; it spares us a look at all the others of the machine. */
  readonly first?: ProcessMark;
}

/** The sandbox a process says it is in; '' when it says it is in none; undefined when its environment is overwritten. */
export function sandboxIn(environment: string): string | undefined {
  const entries = environment.split('\0');
  const entry = entries.find((line) => line.startsWith(`${SANDBOX_VARIABLE}=`));
  if (entry) return entry.slice(SANDBOX_VARIABLE.length + 1);
  return entries.some((line) => /^[A-Za-z_]\w*=/.test(line)) ? '' : undefined;
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/**
 * Processes that belong to the container: by environment, by the recorded main process (its session and group), by
 * parentage, and, where a program has overwritten its environment with its title, by working directory.
 */
export function ownedProcesses({ owns, directories, marks, first }: Ownership): ProcessFacts[] {
  const isOlder = (started: string) => first !== undefined && Number(started) < Number(first.started);
  const all = listProcesses().filter(({ pid, started }) => pid !== process.pid && !isOlder(started));
  const byPid = new Map(all.map((facts) => [facts.pid, facts]));
  const leaders = new Set(
    marks.filter(({ pid, started }) => (byPid.get(pid)?.started ?? started) === started).map(({ pid }) => pid),
  );
  const verdicts = new Map<number, boolean>();
  const decide = (facts: ProcessFacts): boolean => {
    if (leaders.has(facts.pid) || leaders.has(facts.session) || leaders.has(facts.group)) return true;
    if (process.platform !== 'linux') return false;
    const sandbox = sandboxIn(readText(`/proc/${facts.pid}/environ`));
    if (sandbox) return owns(sandbox);
    const parent = byPid.get(facts.parent);
    if (parent && parent.pid !== 1 && belongs(parent)) return true;
    if (sandbox === '') return false;
    const cwd = workingDirectory(facts.pid);
    return cwd !== '' && directories.some((directory) => cwd === directory || cwd.startsWith(`${directory}/`));
  };
  const belongs = (facts: ProcessFacts): boolean => {
    const known = verdicts.get(facts.pid);
    if (known !== undefined) return known;
    verdicts.set(facts.pid, false);
    const verdict = decide(facts);
    verdicts.set(facts.pid, verdict);
    return verdict;
  };
  return all.filter((facts) => !facts.dead && belongs(facts));
}

/** Sends a signal to a process that may be gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const KILL_ROUNDS = 200;
const KILL_PAUSE_MS = 10;

/** Ends all processes of the container for certain: kills until none is left. Throws when one outlives that. */
export async function killOwned(ownership: Ownership): Promise<void> {
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const left = ownedProcesses(ownership);
    if (left.length === 0) return;
    for (const { pid } of left) signalProcess(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, KILL_PAUSE_MS));
  }
  const pids = ownedProcesses(ownership).map(({ pid }) => pid);
  if (pids.length > 0)
    throw new Error(`processes ${pids.join(', ')} cannot be ended: see what they wait for in the kernel`);
}
