import pg from 'pg';
import type { Kubectl } from '../e2e/support/kubectl.ts';
import { until } from '../e2e/support/until.ts';

export type Rows = Record<string, unknown>[];

/** One cluster of the running system, asked as its superuser; it needs `enableSuperuserAccess`. */
export interface ClusterUnderTest {
  readonly name: string;
  /** Runs SQL on one instance, past the Services. */
  onPod(pod: string, sql: string): Promise<Rows>;
  primary(): Promise<string>;
  standbys(): Promise<string[]>;
  /** Waits until everything is as it should be, and says after how many milliseconds it was. */
  healed(what: string, limitMs: number): Promise<number>;
  /** Waits until every standby has replayed what the primary has written until now. */
  replayed(): Promise<void>;
}

export async function clusterUnderTest(kubectl: Kubectl, name: string, instances: number): Promise<ClusterUnderTest> {
  const secret = await kubectl('get', 'secret', `${name}-superuser`, '-o', 'jsonpath={.data.password}');
  const password = Buffer.from(secret, 'base64').toString();
  const look = () => lookAt(kubectl, name);
  const onAddress = (host: string, sql: string) => ask({ host, user: 'postgres', password, database: 'postgres' }, sql);
  const onPod = async (pod: string, sql: string) =>
    onAddress(await kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.podIP}'), sql);
  const primary = () => kubectl('get', 'cluster', name, '-o', 'jsonpath={.status.currentPrimary}');
  const standbys = async () => {
    const { status, pods } = await look();
    return [...pods.keys()].filter((pod) => pod !== status.currentPrimary);
  };
  const isHealed = async (): Promise<boolean> => {
    const { status, pods } = await look();
    const { phase, phaseReason, readyInstances, currentPrimary = '', targetPrimary } = status;
    if (phase !== 'Cluster in healthy state' || readyInstances !== instances || targetPrimary !== currentPrimary)
      throw new Error(`${phase} (${phaseReason}), ${readyInstances} ready, target ${targetPrimary}`);
    const roles = await Promise.all(
      [...pods].map(async ([pod, address]) => {
        const [row] = await onAddress(address, 'SELECT pg_is_in_recovery() AS standby');
        return `${pod}=${row?.standby === true ? 'standby' : 'primary'}`;
      }),
    );
    const primaries = roles.filter((role) => role.endsWith('primary'));
    if (primaries.length !== 1 || primaries[0] !== `${currentPrimary}=primary`) throw new Error(roles.join(' '));
    const streams = await onAddress(
      pods.get(currentPrimary) ?? '',
      "SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming' AND usename = 'streaming_replica'",
    );
    if (streams[0]?.count !== instances - 1) throw new Error(`${streams[0]?.count} standbys stream`);
    return true;
  };
  return {
    name,
    onPod,
    primary,
    standbys,
    async healed(what, limitMs) {
      const began = performance.now();
      await until(`${what}: one primary, ${instances - 1} standbys that stream`, limitMs, isHealed);
      return performance.now() - began;
    },
    async replayed() {
      const current = await primary();
      const [row] = await onPod(current, 'SELECT pg_current_wal_lsn()::text AS lsn');
      await until('the standbys have replayed', 15_000, async () => {
        const [found] = await onPod(
          current,
          `SELECT count(*)::int AS count FROM pg_stat_replication WHERE replay_lsn >= '${row?.lsn}'`,
        );
        return found?.count === instances - 1;
      });
    },
  };
}

interface ClusterStatus {
  phase?: string;
  phaseReason?: string;
  readyInstances?: number;
  currentPrimary?: string;
  targetPrimary?: string;
}

interface Item {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  status?: ClusterStatus & { podIP?: string };
}

/** The status of a cluster, and the addresses of its instances. */
async function lookAt(kubectl: Kubectl, name: string): Promise<{ status: ClusterStatus; pods: Map<string, string> }> {
  const { items } = await kubectl.json<{ items: Item[] }>('get', 'clusters.postgresql.cnpg.io,pods');
  const cluster = items.find(({ kind, metadata }) => kind === 'Cluster' && metadata.name === name);
  const own = items.filter(
    ({ kind, metadata: { labels = {} } }) =>
      kind === 'Pod' && labels['cnpg.io/cluster'] === name && labels['cnpg.io/podRole'] === 'instance',
  );
  return {
    status: cluster?.status ?? {},
    pods: new Map(own.map(({ metadata, status }) => [metadata.name, status?.podIP ?? ''])),
  };
}

async function ask(login: pg.ClientConfig, sql: string): Promise<Rows> {
  const client = new pg.Client({
    port: 5432,
    connectionTimeoutMillis: 3000,
    query_timeout: 5000,
    ssl: { rejectUnauthorized: false },
    ...login,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A client that writes one row after another through the write Service, and knows which were acknowledged. */
export interface Writer {
  readonly acknowledged: number[];
  stop(): Promise<void>;
}

export function startWriter(login: pg.ClientConfig, table = 'kept'): Writer {
  const acknowledged: number[] = [];
  let stopped = false;
  let next = 0;
  const write = async () => {
    const client = new pg.Client({
      port: 5432,
      connectionTimeoutMillis: 2000,
      query_timeout: 3000,
      ssl: { rejectUnauthorized: false },
      ...login,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      while (!stopped) {
        next += 1;
        await client.query(`INSERT INTO ${table} VALUES ($1)`, [next]);
        acknowledged.push(next);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      client.end().catch(() => undefined);
    }
  };
  const running = (async () => {
    while (!stopped) {
      await write().catch(() => new Promise((resolve) => setTimeout(resolve, 50)));
    }
  })();
  return {
    acknowledged,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
