/** As whom containers run. Root drops to an unprivileged user; anybody else stays who he is. */
import { readFileSync } from 'node:fs';

export interface HostUser {
  readonly uid: number;
  readonly gid: number;
}

/** What `/etc/passwd` says: group by user id, and who `nobody` is. */
export interface HostUsers {
  /** Whether we may change the user of a process and of files. */
  readonly root: boolean;
  readonly groupOf: ReadonlyMap<number, number>;
  readonly nobody: HostUser;
}

const NOBODY: HostUser = { uid: 65_534, gid: 65_534 };

export function parseUsers(passwd: string, root: boolean): HostUsers {
  const groupOf = new Map<number, number>();
  let nobody = NOBODY;
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (!uid || !gid || line.startsWith('#')) continue;
    // macOS writes ids of system users as negative numbers.
    groupOf.set(Number(uid), Number(gid));
    if (name === 'nobody' && Number(uid) > 0) nobody = { uid: Number(uid), gid: Number(gid) };
  }
  return { root, groupOf, nobody };
}

export function readHostUsers(): HostUsers {
  return parseUsers(readFileSync('/etc/passwd', 'utf8'), process.getuid?.() === 0);
}

interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
}

/** The user of a container; undefined when it cannot be chosen because we are not root. */
export function userOf(users: HostUsers, pod?: SecurityContext, container?: SecurityContext): HostUser | undefined {
  if (!users.root) return undefined;
  const wanted = container?.runAsUser ?? pod?.runAsUser;
  const known = wanted === undefined ? undefined : users.groupOf.get(wanted);
  return wanted === undefined || known === undefined ? users.nobody : { uid: wanted, gid: known };
}
