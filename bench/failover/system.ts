import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Client, type KubernetesObject, resources } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { clusterManifest } from '../../tests/e2e/support/manifests.ts';
import { type Matriarch, root, startMatriarch } from '../../tests/e2e/support/matriarch.ts';
import { clusters, ownClient } from '../../tests/e2e/support/own-client.ts';
import { until } from '../../tests/e2e/support/until.ts';
import { type Address, ask, type Login } from './client.ts';
import { createTable } from './writer.ts';

const namespace = 'default';
const operatorNamespace = 'cnpg-system';
const name = 'c';
export const instances = 3;
const healMs = 180_000;

export interface ClusterStatus {
  readonly phase?: string;
  readonly phaseReason?: string;
  readonly currentPrimary?: string;
  readonly targetPrimary?: string;
  readonly readyInstances?: number;
}

/** One embedded system with one cluster of three instances. */
export interface System {
  readonly matriarch: Matriarch;
  readonly client: Client;
  readonly login: Login;
  /** Of the Service -rw. */
  readonly writeAddress: Address;
  status(): Promise<ClusterStatus>;
  pods(): Promise<Pod[]>;
  addressOf(pod: string): Promise<Address>;
  /** Runs SQL on one instance, past the Services. */
  onPod<T extends Record<string, unknown>>(pod: string, sql: string): Promise<T[]>;
  /** Waits until one primary and its streaming standbys are there; resolves to the name of the primary. */
  healed(): Promise<string>;
  /** Deletes a pod and waits for its successor: the kubelet then forgets how often its container has ended. */
  renewPod(pod: string): Promise<void>;
  annotate(annotations: Record<string, string>): Promise<void>;
  /** `kubectl cnpg promote`. */
  promote(pod: string): Promise<void>;
  /** The node of the operator, and of an instance. */
  nodeOf(pod: string): Promise<string>;
  /** Whether a node tells the API server nothing, and hears nothing of it. */
  silence(node: string): Promise<void>;
  unsilence(node: string): Promise<void>;
  /** Waits until a switchover is over. */
  switched(pod: string): Promise<void>;
  operatorPod(): Promise<Pod>;
  /** The same for the operator's pod. */
  renewOperator(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSystem(spec: Record<string, unknown>): Promise<System> {
  const matriarch = await startMatriarch({ args: ['--port', '0'] });
  try {
    return await createCluster(matriarch, spec);
  } catch (error) {
    await matriarch.kill();
    await matriarch.remove();
    throw error;
  }
}

async function createCluster(matriarch: Matriarch, spec: Record<string, unknown>): Promise<System> {
  const client = ownClient(matriarch);
  const manifest = clusterManifest(name, { instances, enableSuperuserAccess: true, ...spec }) as KubernetesObject;
  await client.create(clusters, manifest);
  const status = async () => ((await client.get(clusters, { namespace, name })).status ?? {}) as ClusterStatus;
  await until('the cluster is there', healMs, async () => isWell(await status()));

  const secret = await client.get(resources.secrets, { namespace, name: `${name}-superuser` });
  const password = Buffer.from(secret.data?.password ?? '', 'base64').toString();
  const login: Login = { user: 'postgres', password, database: 'postgres' };
  const service = await client.get(resources.services, { namespace, name: `${name}-rw` });
  const writeAddress: Address = { host: service.spec?.clusterIP ?? '', port: 5432 };

  const podsOf = async (selector: string, inNamespace: string) =>
    (await client.list(resources.pods, { namespace: inNamespace, labelSelector: selector })).items;
  const operatorPod = async () => {
    const [pod] = await podsOf('app.kubernetes.io/name=cloudnative-pg', operatorNamespace);
    if (pod === undefined) throw new Error('the operator has no pod');
    return pod;
  };
  const annotateNode = async (node: string, silent: 'true' | null) => {
    const body = { metadata: { annotations: { 'matriarch.dev/silent': silent } } };
    await client.patch(resources.nodes, { name: node }, { type: 'merge', body });
  };
  const pods = () => podsOf(`cnpg.io/cluster=${name},cnpg.io/podRole=instance`, namespace);
  const getPod = (pod: string) => client.get(resources.pods, { namespace, name: pod });
  const addressOf = async (pod: string) => ({ host: (await getPod(pod)).status?.podIP ?? '', port: 5432 });
  const onPod = async <T extends Record<string, unknown>>(pod: string, sql: string) =>
    ask<T>(await addressOf(pod), login, sql);
  const system: System = {
    matriarch,
    client,
    login,
    writeAddress,
    status,
    pods,
    addressOf,
    onPod,
    healed: async () => {
      await until('one primary and its standbys', healMs, () => isHealed(system));
      return (await status()).currentPrimary ?? '';
    },
    renewPod: async (pod) => {
      const { metadata } = await getPod(pod);
      await client.delete(resources.pods, { namespace, name: pod });
      await until(`${pod} is made again`, healMs, async () => (await getPod(pod)).metadata?.uid !== metadata?.uid);
      await system.healed();
    },
    annotate: async (annotations) => {
      await client.patch(clusters, { namespace, name }, { type: 'merge', body: { metadata: { annotations } } });
    },
    promote: (pod) => promote(matriarch, pod),
    nodeOf: async (pod) => (await getPod(pod)).spec?.nodeName ?? '',
    silence: (node) => annotateNode(node, 'true'),
    unsilence: (node) => annotateNode(node, null),
    switched: async (pod) => {
      await until(`${pod} is the primary`, healMs, async () => (await status()).currentPrimary === pod);
      await system.healed();
    },
    operatorPod,
    renewOperator: async () => {
      const { metadata } = await operatorPod();
      await client.delete(resources.pods, { namespace: operatorNamespace, name: metadata?.name ?? '' });
      await until('the operator is ready again', healMs, async () => {
        const { metadata: next, status: nextStatus } = await operatorPod();
        const ready = nextStatus?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
        return next?.uid !== metadata?.uid && ready === true;
      });
      await system.healed();
    },
    stop: async () => {
      client.close();
      await matriarch.stop();
      await matriarch.remove();
    },
  };
  const primary = await system.healed();
  await onPod(primary, createTable);
  return system;
}

function isWell({ phase, readyInstances, currentPrimary, targetPrimary }: ClusterStatus): boolean {
  const settled = currentPrimary !== undefined && currentPrimary === targetPrimary;
  return phase === 'Cluster in healthy state' && readyInstances === instances && settled;
}

async function isHealed(system: System): Promise<boolean> {
  const status = await system.status();
  if (!isWell(status)) throw new Error(`${status.phase} (${status.phaseReason}), ${status.readyInstances} ready`);
  const pods = await system.pods();
  const roles = await Promise.all(
    pods.map(async ({ metadata, status: podStatus }) => {
      const address = { host: podStatus?.podIP ?? '', port: 5432 };
      const sql = 'SELECT pg_is_in_recovery() AS standby';
      const [row] = await ask<{ standby: boolean }>(address, system.login, sql);
      return { pod: metadata?.name, standby: row?.standby };
    }),
  );
  const primaries = roles.filter(({ standby }) => standby === false).map(({ pod }) => pod);
  if (roles.length !== instances || primaries.length !== 1 || primaries[0] !== status.currentPrimary) {
    throw new Error(`primaries: ${primaries.join(', ')} of ${roles.length} instances`);
  }
  const streaming = "SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'";
  const [row] = await system.onPod<{ count: number }>(status.currentPrimary ?? '', streaming);
  return (row?.count ?? 0) >= instances - 1;
}

function promote(matriarch: Matriarch, pod: string): Promise<void> {
  const program = join(root, 'dist/kubectl-cnpg.mjs');
  const args = [program, 'promote', name, pod, '-n', namespace, '--kubeconfig', matriarch.kubeconfig];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`promote ended with ${code}`))));
  });
}
