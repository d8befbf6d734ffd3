import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';

export function tablespaceLocation(tablespaces: string, name: string): string {
  return join(tablespaces, name, 'data');
}

/** Makes the directory of every tablespace whose volume is mounted. */
export async function ensureTablespaceDirectories(cluster: Cluster, tablespaces: string): Promise<void> {
  for (const { name } of cluster.spec.tablespaces ?? []) {
    const mounted = await access(join(tablespaces, name)).then(
      () => true,
      () => false,
    );
    if (mounted) await mkdir(tablespaceLocation(tablespaces, name), { recursive: true, mode: 0o700 });
  }
}
