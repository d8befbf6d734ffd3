import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../tests/e2e/support/until.ts';
import { type Address, ask, type Login } from '../client.ts';
import { type Process, processTable, signalAll, withDescendants } from '../processes.ts';
import { createTable } from '../writer.ts';
import { configFile } from './config.ts';
import { createRunner, type Runner } from './runner.ts';

const password = 'bench';
const healMs = 180_000;
const binaries = '/usr/lib/postgresql';
export const nodeNames = ['n1', 'n2', 'n3'] as const;

/** Three nodes of Patroni with one etcd, all on loopback addresses. */
export interface PatroniCluster {
  readonly addresses: readonly Address[];
  readonly login: Login;
  addressOf(node: string): Address;
  /** Waits for one leader and two standbys that stream; resolves to the leader. */
  healed(): Promise<string>;
  /** Processes of a node: of Patroni, and of its PostgreSQL. */
  processes(node: string): { patroni: Process[]; postgres: Process[] };
  /** To a standby that may lead. */
  switchover(leader: string): Promise<void>;
  /** Kills everything of a node, whether it runs or is frozen, and starts it again. */
  reboot(node: string): Promise<void>;
  stop(): Promise<void>;
}

/** Why it cannot be measured here; undefined when it can. */
export function whyNot(): string | undefined {
  const missing = ['/usr/bin/patroni', '/usr/bin/etcd', binaries].filter((path) => !existsSync(path));
  if (missing.length === 0) return undefined;
  return `Patroni was skipped: ${missing.join(', ')} missing (Debian packages patroni, etcd-server and postgresql).`;
}

const login: Login = { user: 'postgres', password, database: 'postgres' };

/** Addresses of the nodes and of etcd, in a loopback network of their own such as `127.77.0`. */
interface Places {
  readonly etcdHost: string;
  host(node: string): string;
  address(node: string): Address;
  api(node: string): string;
}

function placesIn(network: string): Places {
  const host = (node: string) => `${network}.${node.slice(1)}`;
  return {
    etcdHost: `${network}.10`,
    host,
    address: (node) => ({ host: host(node), port: 5432 }),
    api: (node) => `http://${host(node)}:8008`,
  };
}

export type Replication = 'asynchronous' | 'synchronous';

export async function startPatroni(network: string, times: object, replication: Replication): Promise<PatroniCluster> {
  const runner = createRunner();
  const places = placesIn(network);
  const dynamic = replication === 'synchronous' ? { ...times, synchronous_mode: true } : times;
  const startNode = (name: string) => runner.run(name, '/usr/bin/patroni', [join(runner.base, `${name}.yml`)]);
  const processes = (node: string) => processesOf(runner, node);
  const killAll = (node: string) => signalAll(pidsOf(processes(node)), 'SIGKILL');
  const cluster: PatroniCluster = {
    addresses: nodeNames.map(places.address),
    login,
    addressOf: places.address,
    healed: () => healed(places, replication),
    processes,
    switchover: (leader) => switchover(places, leader),
    reboot: async (node) => {
      killAll(node);
      await runner.ended(node);
      startNode(node);
    },
    stop: async () => {
      nodeNames.forEach(killAll);
      signalAll(
        [runner.pid('etcd')].flatMap((pid) => pid ?? []),
        'SIGKILL',
      );
      for (const name of [...nodeNames, 'etcd']) await runner.ended(name);
      await runner.remove();
    },
  };
  try {
    await startEtcd(runner, places);
    for (const name of nodeNames) {
      writeConfig(runner, places, name, dynamic);
      startNode(name);
    }
    await ask(places.address(await healed(places, replication)), login, createTable);
  } catch (error) {
    for (const name of nodeNames) console.error(runner.log(name).slice(-2000));
    await cluster.stop();
    throw error;
  }
  return cluster;
}

async function startEtcd(runner: Runner, { etcdHost }: Places): Promise<void> {
  const url = `http://${etcdHost}:2379`;
  const peer = `http://${etcdHost}:2380`;
  runner.run('etcd', '/usr/bin/etcd', [
    ...['--data-dir', join(runner.base, 'etcd'), '--listen-client-urls', url, '--advertise-client-urls', url],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ]);
  await until('etcd answers', healMs, async () => (await fetch(`${url}/health`)).ok);
}

function writeConfig(runner: Runner, places: Places, name: string, dynamic: object): void {
  const directory = runner.directory(name);
  const version = readdirSync(binaries).sort().at(-1);
  const config = {
    ...{ name, password, dynamic, postgres: places.address(name), api: { host: places.host(name), port: 8008 } },
    etcd: { host: places.etcdHost, port: 2379 },
    dataDirectory: join(directory, 'data'),
    binDirectory: `${binaries}/${version}/bin`,
  };
  writeFileSync(join(runner.base, `${name}.yml`), configFile(config));
}

export const pidsOf = ({ patroni, postgres }: { patroni: readonly Process[]; postgres: readonly Process[] }) =>
  [...patroni, ...postgres].map(({ pid }) => pid);

/** The postmaster leaves the process tree of the Patroni that started it. */
function processesOf(runner: Runner, node: string): { patroni: Process[]; postgres: Process[] } {
  const table = processTable();
  const postgres = withDescendants(table, postmasterPid(join(runner.base, node, 'data')));
  const patroni = withDescendants(table, runner.pid(node) ?? -1);
  return { postgres, patroni: patroni.filter(({ pid }) => postgres.every((process) => process.pid !== pid)) };
}

function postmasterPid(dataDirectory: string): number {
  try {
    return Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return -1;
  }
}

/** Without a synchronous standby, Patroni promotes nobody in synchronous mode: it is waited for. */
async function healed(places: Places, replication: Replication): Promise<string> {
  let leader = '';
  await until('Patroni has a leader and two standbys that stream', healMs, async () => {
    const members = await listMembers(places);
    leader = members.find(({ role }) => role === 'leader')?.name ?? '';
    const ready = replication === 'asynchronous' || members.some(({ role }) => role === 'sync_standby');
    const well = members.filter(({ state }) => state === 'running' || state === 'streaming').length;
    if (leader === '' || !ready || well < nodeNames.length) throw new Error(JSON.stringify(members));
    const sql = "SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'";
    const [row] = await ask<{ count: number }>(places.address(leader), login, sql);
    return row?.count === nodeNames.length - 1;
  });
  return leader;
}

interface Member {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

/** What the first node that answers says of all. */
async function listMembers(places: Places): Promise<readonly Member[]> {
  for (const name of nodeNames) {
    try {
      const response = await fetch(`${places.api(name)}/cluster`, { signal: AbortSignal.timeout(1000) });
      return ((await response.json()) as { members: Member[] }).members;
    } catch {
      // The next one may answer.
    }
  }
  return [];
}

async function switchover(places: Places, leader: string): Promise<void> {
  const standbys = (await listMembers(places)).filter(({ name }) => name !== leader);
  const candidate = (standbys.find(({ role }) => role === 'sync_standby') ?? standbys[0])?.name;
  const body = JSON.stringify({ leader, candidate });
  const signal = AbortSignal.timeout(60_000);
  const response = await fetch(`${places.api(leader)}/switchover`, { method: 'POST', body, signal });
  if (!response.ok) throw new Error(`the switchover was answered with ${response.status}: ${await response.text()}`);
}
