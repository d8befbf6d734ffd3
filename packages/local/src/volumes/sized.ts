/**
 * Volumes with a size that holds: NAME.img beside the directory NAME, which it is mounted on. The image is there if and
 * only if the volume is one of these; so after a crash everything is told from the directory alone.
 */
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, growImage, makeImage, mountImage, mountsBelow, unmount } from './filesystems.ts';

export interface SizedVolumes {
  has(name: string): boolean;
  /** Why the volume cannot be used now; undefined when it can. */
  problem(name: string): string | undefined;
  make(name: string, kind: FileSystem, bytes: number): Promise<void>;
  grow(name: string, bytes: number): Promise<void>;
  remove(name: string): Promise<void>;
  /** Mounts what is not mounted, as after a restart of the machine. What cannot be mounted is told and left. */
  mountAll(): Promise<void>;
}

const SUFFIX = '.img';

export function createSizedVolumes(directory: string, log: (line: string) => void): SizedVolumes {
  const image = (name: string) => join(directory, `${name}${SUFFIX}`);
  const place = (name: string) => join(directory, name);
  const problems = new Map<string, string>();
  const find = async (name: string) => (await mountsBelow(directory)).find((each) => each.directory === place(name));

  const mount = async (name: string) => {
    if (await find(name)) return;
    await mkdir(place(name), { recursive: true });
    await mountImage(image(name), place(name));
  };

  return {
    has: (name) => existsSync(image(name)),
    problem: (name) => problems.get(name),
    async make(name, kind, bytes) {
      if (!existsSync(image(name))) await makeImage(image(name), kind, bytes);
      await mount(name);
      problems.delete(name);
    },
    async grow(name, bytes) {
      const found = await find(name);
      if (!found) throw new Error(`the volume ${name} is not mounted`);
      // Repeated after a crash: the file may have its size already, and the file system not.
      await growImage(image(name), found, Math.max(bytes, statSync(image(name)).size));
    },
    async remove(name) {
      if (await find(name)) await unmount(place(name));
      await rm(image(name), { force: true });
      problems.delete(name);
    },
    async mountAll() {
      for (const file of await readdir(directory)) {
        if (!file.endsWith(SUFFIX)) continue;
        const name = file.slice(0, -SUFFIX.length);
        try {
          await mount(name);
        } catch (error) {
          const problem = `its file system cannot be mounted: ${error instanceof Error ? error.message : error}`;
          problems.set(name, problem);
          log(`volume ${name}: ${problem}`);
        }
      }
    },
  };
}

/** Ends all mounts of the volumes of a state directory. Nothing may use them any more. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const { directory: place } of await mountsBelow(directory)) await unmount(place);
}
