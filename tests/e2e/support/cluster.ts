import { existsSync } from 'node:fs';
import { processOf } from '../../faults/harness/process-table.ts';
import { type ClusterUnderTest, clusterUnderTest } from '../../faults/support.ts';
import type { Kubectl } from './kubectl.ts';
import { clusterManifest, manifestFile } from './manifests.ts';
import type { Matriarch } from './matriarch.ts';
import { until } from './until.ts';

/** Creates a cluster whose superuser may log in, and waits until it is healthy. */
export async function createCluster(
  matriarch: Matriarch,
  kubectl: Kubectl,
  name: string,
  spec: { instances: number } & Record<string, unknown>,
): Promise<ClusterUnderTest> {
  const manifest = clusterManifest(name, { enableSuperuserAccess: true, ...spec });
  await kubectl('create', '-f', await manifestFile(matriarch, manifest));
  await until('the secret of the superuser', 120_000, async () => {
    return (await kubectl('get', 'secret', `${name}-superuser`, '-o', 'name')) !== '';
  });
  const cluster = await clusterUnderTest(kubectl, name, spec.instances);
  await cluster.healed('created', 120_000);
  return cluster;
}

export interface EventView {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly count: number;
}

/** Events on a Cluster. */
export async function eventsOf(kubectl: Kubectl, name: string): Promise<EventView[]> {
  const fields = `involvedObject.kind=Cluster,involvedObject.name=${name}`;
  const { items } = await kubectl.json<{ items: EventView[] }>('get', 'events', '--field-selector', fields);
  return items;
}

/** Ends everything of an instance at once, as the loss of its power does. */
export function killInstance(matriarch: Matriarch, pod: string): void {
  const kinds = ['postmaster', 'manager'] as const;
  for (const pid of kinds.map((kind) => processOf(matriarch, kind, pod))) process.kill(pid, 'SIGKILL');
}

/** Where Debian's packages put the programs of a major version of PostgreSQL; undefined where they are not. */
export function debianPrograms(major: number): string | undefined {
  const directory = `/usr/lib/postgresql/${major}/bin`;
  return existsSync(`${directory}/pg_rewind`) ? directory : undefined;
}
