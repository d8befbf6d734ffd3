/** The root directory of a container: mounts are links in it, everything else is fresh at each start. */
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Container } from 'kubernetes-types/core/v1.d.ts';
import { expand } from './expand.ts';
import type { HostUser } from './identity.ts';
import type { Image } from './image.ts';

export interface RootInput {
  readonly root: string;
  readonly container: Container;
  readonly image: Image;
  /** Directory of each volume of the pod. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly user: HostUser | undefined;
  readonly env: Readonly<Record<string, string>>;
}

export class MountError extends Error {
  override readonly name = 'MountError';
}

/** Makes the root anew. What a former run left outside of its mounts is gone, as in a fresh container. */
export function buildRoot(input: RootInput): void {
  const { root, container, image, user } = input;
  rmSync(root, { recursive: true, force: true });
  makeOwned(root, user);
  makeOwned(join(root, 'tmp'), user);
  for (const [path, hostPath] of Object.entries(image.files)) place(join(root, path), hostPath, user);
  const mounts = [...(container.volumeMounts ?? [])].sort((a, b) => a.mountPath.length - b.mountPath.length);
  for (const mount of mounts) {
    const volume = input.volumes.get(mount.name);
    if (volume === undefined) throw new MountError(`volumeMounts: no volume "${mount.name}" in the pod`);
    const subPath = mount.subPathExpr === undefined ? mount.subPath : expand(mount.subPathExpr, input.env);
    place(join(root, mount.mountPath), subDirectory(volume, subPath, user), user);
  }
  const termination = join(root, container.terminationMessagePath ?? '/dev/termination-log');
  makeOwned(dirname(termination), user);
  if (!existsSync(termination)) {
    writeFileSync(termination, '');
    if (user) chownSync(termination, user.uid, user.gid);
  }
}

function subDirectory(volume: string, subPath: string | undefined, user: HostUser | undefined): string {
  if (!subPath) return volume;
  const path = normalize(subPath);
  if (path.startsWith('..') || path.startsWith('/')) throw new MountError(`subPath "${subPath}" leaves its volume`);
  const target = join(volume, path);
  if (!existsSync(target)) makeOwned(target, user);
  return target;
}

/** Makes a directory and what is missing above it; new ones belong to the user. */
export function makeOwned(path: string, user: HostUser | undefined): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  makeOwned(dirname(path), user);
  mkdirSync(path);
  if (user) chownSync(path, user.uid, user.gid);
}

function place(path: string, target: string, user: HostUser | undefined): void {
  makeOwned(dirname(path), user);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) unlinkSync(path);
  else if (found?.isDirectory()) rmdirSync(path);
  else if (found) unlinkSync(path);
  symlinkSync(target, path);
}
