/** Where pods, volumes and sandbox links are on this machine. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Layout {
  /** One directory for each pod, named by uid. */
  readonly pods: string;
  /** One directory for each provisioned volume. */
  readonly volumes: string;
  /** Short links to container roots, so that socket paths below them stay under 107 bytes. */
  readonly sandboxes: string;
  /** Names and addresses of all Services. */
  readonly hostsFile: string;
}

const DATA_ROOT = '/var/lib/matriarch';

/** Whether somebody who owns nothing here can walk to the directory. */
export function isTraversable(directory: string): boolean {
  for (let path = realpathSync(directory); ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

export function shortHash(text: string, length: number): string {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)
    .toString(36)
    .slice(0, length);
}

const isRoot = () => process.getuid?.() === 0;

/** Root's pods run as another user, who must be able to walk through it. */
export function makeStateDirectory(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
}

/**
 * Where what containers must reach is kept: the state directory, or as root one of its own when their user could not walk
 * to the state directory. Makes the state directory when it is not there.
 */
export function dataDirectory(stateDir: string): string {
  makeStateDirectory(stateDir);
  const state = realpathSync(stateDir);
  return isRoot() && !isTraversable(state) ? join(DATA_ROOT, shortHash(state, 10)) : state;
}

/** Makes the directories. */
export function prepareLayout(stateDir: string): Layout {
  const base = dataDirectory(stateDir);
  const state = realpathSync(stateDir);
  const id = shortHash(state, 10);
  if (base !== state) {
    mkdirSync(base, { recursive: true, mode: 0o755 });
    chmodSync(DATA_ROOT, 0o755);
    link(join(base, 'pods'), join(state, 'pods'));
    link(join(base, 'volumes'), join(state, 'volumes'));
  }
  const layout = {
    pods: join(base, 'pods'),
    volumes: join(base, 'volumes'),
    sandboxes: join('/tmp', `mtr-${id}`),
    hostsFile: join(base, 'hosts'),
  };
  makeDirectory(layout.pods, 0o711);
  makeDirectory(layout.volumes, 0o711);
  ownDirectory(layout.sandboxes);
  return layout;
}

function link(target: string, path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  symlinkSync(target, path);
}

export function makeDirectory(path: string, mode: number): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
}

/** A directory under /tmp that nobody else prepared for us. */
function ownDirectory(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && (!found.isDirectory() || found.uid !== process.getuid?.())) {
    throw new Error(`${path} belongs to another user (uid ${found.uid}): remove it, or use another state directory`);
  }
  if (found) rmSync(path, { recursive: true });
  makeDirectory(path, 0o711);
}
