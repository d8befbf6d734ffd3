/** Makes the volumes of a pod and keeps the ones made of files current. */
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PersistentVolume, PersistentVolumeClaim, Volume } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { writeFiles } from './atomic-files.ts';
import type { HostUser } from './identity.ts';
import { VolumeError, type VolumeSources, volumeFiles } from './volume-files.ts';

export interface PodVolumesInput extends VolumeSources {
  /** Directory for the volumes that live and die with the pod. */
  readonly directory: string;
  readonly user: HostUser | undefined;
  claim(name: string): Stored<PersistentVolumeClaim> | undefined;
  persistentVolume(name: string): Stored<PersistentVolume> | undefined;
  /** Directory of a provisioned volume; undefined when it is not one of ours. */
  volumePath(volume: Stored<PersistentVolume>): string | undefined;
  /** Name for a new set of files, never used before. */
  version(): string;
}

/** Directory of each volume by name. Throws VolumeError while something is missing. */
export async function prepareVolumes(input: PodVolumesInput): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const volume of input.pod.spec?.volumes ?? []) {
    try {
      paths.set(volume.name, await prepareVolume(volume, input));
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
    }
  }
  return paths;
}

async function prepareVolume(volume: Volume, input: PodVolumesInput): Promise<string> {
  const { user } = input;
  const claimName =
    volume.persistentVolumeClaim?.claimName ??
    (volume.ephemeral ? `${input.pod.metadata.name}-${volume.name}` : undefined);
  if (claimName !== undefined) return claimPath(claimName, input);
  if (volume.hostPath)
    throw new VolumeError(`hostPath ${volume.hostPath.path} is refused: use a persistentVolumeClaim or an emptyDir`);
  const directory = join(input.directory, volume.name);
  mkdirSync(directory, { recursive: true });
  own(directory, user);
  if (volume.emptyDir) {
    chmodSync(directory, 0o777);
    return directory;
  }
  const files = await volumeFiles(volume, input);
  if (!files)
    throw new VolumeError(
      `a volume of this type is not supported: ${Object.keys(volume)
        .filter((key) => key !== 'name')
        .join()}`,
    );
  writeFiles(directory, files, user, input.version());
  return directory;
}

function own(path: string, user: HostUser | undefined): void {
  if (user) chownSync(path, user.uid, user.gid);
}

function claimPath(name: string, input: PodVolumesInput): string {
  const claim = input.claim(name);
  if (!claim) throw new VolumeError(`persistentvolumeclaim "${name}" not found`);
  const volume = input.persistentVolume(claim.spec?.volumeName ?? '');
  if (claim.status?.phase !== 'Bound' || !volume) throw new VolumeError(`persistentvolumeclaim "${name}" is not bound`);
  const path = input.volumePath(volume);
  if (path === undefined) {
    throw new VolumeError(`persistentvolume "${volume.metadata.name}" was not made by this cluster's provisioner`);
  }
  if (!statSync(path, { throwIfNoEntry: false })) throw new VolumeError(`directory ${path} of the volume is gone`);
  handOver(path, input.user);
  return path;
}

/** Gives a volume, and all in it, to the user; a volume that is already his is left alone. */
function handOver(path: string, user: HostUser | undefined): void {
  if (!user || statSync(path).uid === user.uid) return;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) own(join(entry.parentPath, entry.name), user);
  }
  own(path, user);
}

/** Writes changed Secrets, ConfigMaps and tokens into a running pod's volumes. */
export async function refreshVolumes(input: PodVolumesInput): Promise<void> {
  for (const volume of input.pod.spec?.volumes ?? []) {
    const files = await volumeFiles(volume, input).catch((error: unknown) => {
      if (error instanceof VolumeError) return undefined;
      throw error;
    });
    if (files) writeFiles(join(input.directory, volume.name), files, input.user, input.version());
  }
}
