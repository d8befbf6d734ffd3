/** The files of secret, configMap, downwardAPI and projected volumes. */
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret, Volume } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import type { FileContent } from './atomic-files.ts';
import { fieldValue, type Placement, resourceValue } from './downward.ts';

/** Something a volume needs is not there, or cannot be. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

export interface VolumeSources {
  readonly pod: Stored<Pod>;
  readonly placement: Placement;
  readonly machine: Readonly<Record<string, string>>;
  secret(name: string): Stored<Secret> | undefined;
  configMap(name: string): Stored<ConfigMap> | undefined;
  /** A token of the pod's service account, renewed before it runs out. */
  token(audience: string | undefined, expirationSeconds: number): Promise<string>;
}

const DEFAULT_MODE = 0o644;
const TOKEN_SECONDS = 3600;

type Files = Map<string, FileContent>;

/** Undefined when the volume is not made of files that we write. */
export async function volumeFiles(volume: Volume, sources: VolumeSources): Promise<Files | undefined> {
  const files: Files = new Map();
  if (volume.secret) {
    const { secretName, items, optional, defaultMode } = volume.secret;
    addSecret(files, sources, { name: secretName ?? '', items, optional, mode: defaultMode });
  } else if (volume.configMap) {
    const { name, items, optional, defaultMode } = volume.configMap;
    addConfigMap(files, sources, { name: name ?? '', items, optional, mode: defaultMode });
  } else if (volume.downwardAPI) {
    addDownward(files, sources, volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode);
  } else if (volume.projected) {
    await addProjected(files, sources, volume.projected);
  } else return undefined;
  return files;
}

interface Source {
  readonly name: string;
  readonly items: KeyToPath[] | undefined;
  readonly optional: boolean | undefined;
  readonly mode: number | undefined;
}

function addSecret(files: Files, sources: VolumeSources, source: Source): void {
  const secret = sources.secret(source.name);
  if (!secret) {
    refuseUnless(source.optional, `secret "${source.name}" not found`);
    return;
  }
  const data = Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const);
  addKeys(files, new Map(data), source, `secret "${source.name}"`);
}

function addConfigMap(files: Files, sources: VolumeSources, source: Source): void {
  const configMap = sources.configMap(source.name);
  if (!configMap) {
    refuseUnless(source.optional, `configmap "${source.name}" not found`);
    return;
  }
  const data = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(configMap.data ?? {})) data.set(key, Buffer.from(value));
  for (const [key, value] of Object.entries(configMap.binaryData ?? {})) data.set(key, Buffer.from(value, 'base64'));
  addKeys(files, data, source, `configmap "${source.name}"`);
}

function refuseUnless(optional: boolean | undefined, message: string): void {
  if (!optional) throw new VolumeError(message);
}

function addKeys(files: Files, data: ReadonlyMap<string, Buffer>, source: Source, from: string): void {
  const { items, optional, mode = DEFAULT_MODE } = source;
  if (!items) {
    for (const [key, value] of data) files.set(key, { data: value, mode });
    return;
  }
  for (const item of items) {
    const value = data.get(item.key);
    if (value) files.set(safePath(item.path), { data: value, mode: item.mode ?? mode });
    else refuseUnless(optional, `references non-existent ${from.split(' ')[0]} key: ${item.key} of ${from}`);
  }
}

function safePath(path: string): string {
  if (path.startsWith('/') || path.split('/').includes('..')) throw new VolumeError(`path "${path}" leaves its volume`);
  return path;
}

function addDownward(files: Files, sources: VolumeSources, items: DownwardAPIVolumeFile[], defaultMode?: number): void {
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    const { pod, placement, machine } = sources;
    const container = pod.spec?.containers.find(({ name }) => name === resourceFieldRef?.containerName);
    const value = fieldRef
      ? fieldValue(pod, fieldRef, placement)
      : resourceFieldRef
        ? resourceValue(container, resourceFieldRef, machine)
        : '';
    files.set(safePath(path), { data: Buffer.from(value), mode: mode ?? defaultMode ?? DEFAULT_MODE });
  }
}

async function addProjected(files: Files, sources: VolumeSources, projected: NonNullable<Volume['projected']>) {
  const mode = projected.defaultMode ?? DEFAULT_MODE;
  for (const source of projected.sources ?? []) {
    if (source.secret) {
      const { name = '', items, optional } = source.secret;
      addSecret(files, sources, { name, items, optional, mode });
    }
    if (source.configMap) {
      const { name = '', items, optional } = source.configMap;
      addConfigMap(files, sources, { name, items, optional, mode });
    }
    if (source.downwardAPI) addDownward(files, sources, source.downwardAPI.items ?? [], mode);
    if (source.serviceAccountToken) {
      const { audience, expirationSeconds = TOKEN_SECONDS, path } = source.serviceAccountToken;
      // Nobody but the pod's own user reads a token, whatever the default mode says.
      files.set(safePath(path), { data: Buffer.from(await sources.token(audience, expirationSeconds)), mode: 0o600 });
    }
  }
}

/** Names of the Secrets and ConfigMaps that the pod's volumes and environment read. */
export function referencedObjects(pod: Stored<Pod>): { secrets: Set<string>; configMaps: Set<string> } {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.secret?.secretName) secrets.add(volume.secret.secretName);
    if (volume.configMap?.name) configMaps.add(volume.configMap.name);
    for (const source of volume.projected?.sources ?? []) {
      if (source.secret?.name) secrets.add(source.secret.name);
      if (source.configMap?.name) configMaps.add(source.configMap.name);
    }
  }
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
    for (const source of container.envFrom ?? []) {
      if (source.secretRef?.name) secrets.add(source.secretRef.name);
      if (source.configMapRef?.name) configMaps.add(source.configMapRef.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.secretKeyRef?.name) secrets.add(valueFrom.secretKeyRef.name);
      if (valueFrom?.configMapKeyRef?.name) configMaps.add(valueFrom.configMapKeyRef.name);
    }
  }
  return { secrets, configMaps };
}
