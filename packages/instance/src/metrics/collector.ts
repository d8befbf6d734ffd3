import { clusterPhases, isReplicaCluster } from '@matriarch/api';
import type { Instance } from '../instance.ts';
import { spaceMetrics } from './space.ts';
import type { Family } from './text.ts';

const gauge = (name: string, help: string, value: number, labels: Readonly<Record<string, string>> = {}): Family => ({
  name: `cnpg_collector_${name}`,
  help,
  type: 'gauge',
  samples: [{ labels, value }],
});

/** What the manager itself knows of the instance, asked anew at each scrape. */
export async function collectorMetrics(instance: Instance, collections: number): Promise<Family[]> {
  const cluster = instance.cluster.current();
  const name = instance.options.clusterName;
  const version = await serverVersion(instance);
  const families: Family[] = [
    {
      name: 'cnpg_collector_collections_total',
      help: 'Scrapes so far.',
      type: 'counter',
      samples: [{ labels: {}, value: collections }],
    },
    gauge('up', 'Whether PostgreSQL answers.', version === undefined ? 0 : 1, { cluster: name }),
    gauge('fencing_on', 'Whether this instance is fenced.', instance.state.current.fenced ? 1 : 0),
  ];
  if (version !== undefined) {
    const full = `${Math.trunc(version / 10_000)}.${version % 10_000}`;
    families.push(gauge('postgres_version', 'Version of PostgreSQL.', Number(full), { full, cluster: name }));
  }
  if (cluster !== undefined) {
    families.push(
      gauge('replica_mode', 'Whether the cluster follows another one.', isReplicaCluster(cluster) ? 1 : 0),
      gauge(
        'nodes_used',
        'Nodes that the instances run on; -1 = not known.',
        cluster.status?.topology?.nodesUsed ?? -1,
      ),
      gauge(
        'manual_switchover_required',
        'Whether the cluster waits for a switchover by its user.',
        cluster.status?.phase === clusterPhases.waitingForUser ? 1 : 0,
      ),
    );
  }
  return [...families, ...(await spaceMetrics(instance))];
}

async function serverVersion(instance: Instance): Promise<number | undefined> {
  try {
    const [row] = await instance.database.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    return row?.version;
  } catch {
    // That it does not answer is the value of `up`.
    return undefined;
  }
}
