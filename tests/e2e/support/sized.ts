import { execFileSync } from 'node:child_process';
import { readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '@matriarch/local';
import type { Kubectl } from './kubectl.ts';
import { manifestFile } from './manifests.ts';
import type { Matriarch } from './matriarch.ts';

/** A StorageClass whose volumes hold what their claims say, and grow for any root. */
export const sizedClass = 'sized-xfs';

export async function createSizedClass(kubectl: Kubectl, matriarch: Matriarch): Promise<void> {
  const path = await manifestFile(matriarch, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: sizedClass },
    provisioner: 'matriarch.dev/directory',
    parameters: { 'matriarch.dev/filesystem': 'xfs' },
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  });
  await kubectl('create', '-f', path);
}

/** Where the volume of a claim is mounted. */
export async function volumeOf(kubectl: Kubectl, matriarch: Matriarch, claim: string): Promise<string> {
  const name = await kubectl('get', 'pvc', claim, '-o', 'jsonpath={.spec.volumeName}');
  return join(dataDirectory(matriarch.state), 'volumes', name);
}

/** Takes what is left of a volume, as a stranger's file would that grows; gives the path of the file. */
export function takeTheRest(volume: string): string {
  const path = join(volume, 'of-others');
  for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
    const { bavail, bsize } = statfsSync(volume);
    left = Math.min(bavail * bsize, 64 * 2 ** 20);
    try {
      writeFileSync(path, Buffer.alloc(left, 'x'), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') break;
      throw error;
    }
  }
  return path;
}

export function freeBytes(volume: string): number {
  const { bavail, bsize } = statfsSync(volume);
  return bavail * bsize;
}

export const freeze = (volume: string) => execFileSync('fsfreeze', ['--freeze', volume]);

/** Lets writes go on; a volume that is not frozen, or gone, stays as it is. */
export function thaw(volume: string): void {
  if (!readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${volume} `)) return;
  try {
    execFileSync('fsfreeze', ['--unfreeze', volume], { stdio: 'ignore' });
  } catch {
    // It was not frozen.
  }
}
