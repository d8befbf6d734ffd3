/** Classes of the `net_cls` control group: by them the packet filter tells whose packets are whose. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const mountPoint = '/sys/fs/cgroup/net_cls';

export interface NetClasses {
  /** The number of a class, which is made when it is not there. */
  idOf(name: string): number;
  /** Puts processes into a class; sockets they have already count too, and children they start. */
  add(name: string, pids: readonly number[]): void;
  remove(): void;
}

/** Mounts the control group when it is not there. @throws Error where that is not allowed. */
export function openNetClasses(prefix: string): NetClasses {
  if (!isMounted()) {
    mkdirSync(mountPoint, { recursive: true });
    execFileSync('mount', ['-t', 'cgroup', '-o', 'net_cls', 'none', mountPoint], { stdio: 'pipe', timeout: 5000 });
  }
  const ids = new Map<string, number>();
  const folder = (name: string) => join(mountPoint, `${prefix}-${name}`);
  const idOf = (name: string) => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    // Other runs on this machine have other numbers: those of a class are major and minor, 16 bits each.
    const id = ((process.pid % 0xffff) + 1) * 0x1_00_00 + ids.size + 1;
    mkdirSync(folder(name), { recursive: true });
    writeFileSync(join(folder(name), 'net_cls.classid'), String(id));
    ids.set(name, id);
    return id;
  };
  return {
    idOf,
    add(name, pids) {
      idOf(name);
      for (const pid of pids) move(pid, folder(name));
    },
    remove() {
      for (const name of ids.keys()) {
        for (const pid of pidsIn(folder(name))) move(pid, mountPoint);
        rmdirSync(folder(name));
      }
      ids.clear();
    },
  };
}

const isMounted = () => existsSync(join(mountPoint, 'cgroup.procs'));

const pidsIn = (folder: string) =>
  readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);

function move(pid: number, folder: string): void {
  try {
    writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  } catch (error) {
    // It ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
