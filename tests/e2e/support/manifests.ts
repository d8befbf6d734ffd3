import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Matriarch } from './matriarch.ts';

/** A Cluster of one instance with small volumes; `spec` is laid over it. */
export function clusterManifest(name: string, spec: Record<string, unknown> = {}, namespace = 'default'): object {
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name, namespace },
    spec: { instances: 1, imageName: 'ghcr.io/cloudnative-pg/postgresql:17.2', storage: { size: '1Gi' }, ...spec },
  };
}

/** Writes an object to a file for `kubectl -f`; resolves to its path. */
export async function manifestFile(matriarch: Matriarch, object: object): Promise<string> {
  const folder = join(matriarch.state, 'test-manifests');
  await mkdir(folder, { recursive: true });
  const { kind, metadata } = object as { kind: string; metadata: { name: string } };
  const path = join(folder, `${kind}-${metadata.name}.json`);
  await writeFile(path, JSON.stringify(object));
  return path;
}
