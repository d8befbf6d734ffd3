/** One running system with one cluster of three instances, and what is known of it at every moment. */
import { readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, resources } from '@matriarch/kubernetes';
import { clusterManifest } from '../../e2e/support/manifests.ts';
import { type Matriarch, startMatriarch } from '../../e2e/support/matriarch.ts';
import { clusters, ownClient } from '../../e2e/support/own-client.ts';
import { until } from '../../e2e/support/until.ts';
import { commands, type PodProcess, type ProcessKind, processTable } from './process-table.ts';
import { askOnce, type Login } from './session.ts';
import { type InstanceView, look, namespace, type View } from './view.ts';

export const clusterName = 'c';
export const instanceCount = 3;
const startLimitMs = 120_000;
const lookPauseMs = 500;
const args = ['--port', '0'];

/** The lease is short, so that what must wait for its end does not take long; commits wait for one standby. */
const spec = {
  instances: instanceCount,
  enableSuperuserAccess: true,
  primaryLease: { leaseDurationSeconds: 6, renewDeadlineSeconds: 4, retryPeriodSeconds: 1 },
  smartShutdownTimeout: 1,
  bootstrap: { initdb: { dataChecksums: true } },
  postgresql: { synchronous: { method: 'any', number: 1, dataDurability: 'required' } },
};

export interface World {
  readonly matriarch: Matriarch;
  readonly client: Client;
  /** The last look at the API server that succeeded. */
  view(): View;
  refreshed(): Promise<View>;
  /** The write Service. */
  write(): Login;
  instance(name: string): InstanceView;
  login(instance: string): Login;
  processes(): PodProcess[];
  processesOf(instance: string, kind?: ProcessKind): PodProcess[];
  /** Where an instance, whose PostgreSQL runs, keeps its data. */
  dataDirectory(instance: string): string;
  /** kill -9 of the embedded Kubernetes alone, and its next start. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startWorld(overrides: Record<string, unknown> = {}): Promise<World> {
  let matriarch = await startMatriarch({ args });
  try {
    const client = ownClient(matriarch);
    const manifest = clusterManifest(clusterName, { ...spec, ...overrides });
    await client.create(clusters, { ...manifest, kind: 'Cluster' });
    const password = await superuserPassword(client);
    const service = await client.get(resources.services, { namespace, name: `${clusterName}-rw` });
    const write = { host: service.spec?.clusterIP ?? '', password };
    const views = await followViews(client);
    const processes = () => processTable(matriarch.state);
    const instance = (name: string) => {
      const found = views.last().instances.find((one) => one.name === name);
      if (found === undefined) throw new Error(`there is no instance ${name}`);
      return found;
    };
    const processesOf = (name: string, kind?: ProcessKind) =>
      processes().filter(({ pod, command }) => pod === name && (kind === undefined || commands[kind].test(command)));
    return {
      get matriarch() {
        return matriarch;
      },
      client,
      view: views.last,
      refreshed: views.next,
      write: () => write,
      instance,
      login: (name) => ({ host: instance(name).ip, password }),
      processes,
      processesOf,
      dataDirectory(name) {
        const [postmaster] = processesOf(name, 'postmaster');
        if (postmaster === undefined) throw new Error(`PostgreSQL of ${name} does not run`);
        return readlinkSync(`/proc/${postmaster.pid}/cwd`);
      },
      async restart() {
        const { state } = matriarch;
        matriarch.process.kill('SIGKILL');
        matriarch = await startMatriarch({ state, args });
      },
      async close() {
        await views.stop();
        client.close();
        await matriarch.stop();
        await matriarch.remove();
      },
    };
  } catch (error) {
    await matriarch.stop();
    await matriarch.remove();
    throw error;
  }
}

async function superuserPassword(client: Client): Promise<string> {
  let password = '';
  await until('the secret of the superuser is there', startLimitMs, async () => {
    const secret = await client.get(resources.secrets, { namespace, name: `${clusterName}-superuser` });
    password = Buffer.from(secret.data?.password ?? '', 'base64').toString();
    await client.get(resources.services, { namespace, name: `${clusterName}-rw` });
    return password !== '';
  });
  return password;
}

/** Looks again and again; a look that fails leaves the one before. */
async function followViews(client: Client) {
  let last = await look(client, clusterName);
  let stopped = false;
  const next = async () => {
    last = await look(client, clusterName);
    return last;
  };
  const running = (async () => {
    while (!stopped) {
      await next().catch(() => undefined);
      await delay(lookPauseMs);
    }
  })();
  return {
    last: () => last,
    next,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** @throws Error that says what is not as it should be. */
export async function requireHealthy(world: World): Promise<true> {
  const view = await world.refreshed();
  const { phase, phaseReason, readyInstances, currentPrimary, targetPrimary, instances } = view;
  if (phase !== 'Cluster in healthy state' || readyInstances !== instanceCount || targetPrimary !== currentPrimary)
    throw new Error(
      `${phase} (${phaseReason}), ${readyInstances} ready, primary ${currentPrimary}, target ${targetPrimary}`,
    );
  const roles = await Promise.all(
    instances.map(async ({ name }) => {
      const [row] = await askOnce<{ standby: boolean }>(
        world.login(name),
        'SELECT pg_is_in_recovery() AS standby',
        3000,
      );
      return `${name}=${row?.standby === true ? 'standby' : 'primary'}`;
    }),
  );
  const expected = instances.map(({ name }) => `${name}=${name === currentPrimary ? 'primary' : 'standby'}`);
  if (roles.length !== instanceCount || roles.join() !== expected.join()) throw new Error(roles.join(' '));
  const [streams] = await askOnce<{ count: number }>(
    world.login(currentPrimary),
    `SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming' AND usename = 'streaming_replica'`,
    3000,
  );
  if (streams?.count !== instanceCount - 1) throw new Error(`${streams?.count} standbys stream`);
  return true;
}
