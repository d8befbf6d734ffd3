import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Client, KubernetesObject } from '@matriarch/kubernetes';
import { clusterManifest } from '../../tests/e2e/support/manifests.ts';
import { type Matriarch, root, startMatriarch } from '../../tests/e2e/support/matriarch.ts';
import { clusters, ownClient } from '../../tests/e2e/support/own-client.ts';
import { until } from '../../tests/e2e/support/until.ts';
import { type Address, ask, type Login } from './client.ts';
import { type ClusterStatus, clusterName, healMs, namespace, type Objects, objectsOf } from './objects.ts';
import { createTable } from './writer.ts';

const instances = 3;

/** One embedded system with one cluster of three instances. */
export interface System {
  readonly matriarch: Matriarch;
  readonly client: Client;
  readonly objects: Objects;
  readonly login: Login;
  /** Of the Service -rw. */
  readonly writeAddress: Address;
  /** Runs SQL on one instance, past the Services. */
  onPod<T extends Record<string, unknown>>(pod: string, sql: string): Promise<T[]>;
  /** Waits until one primary and its streaming standbys are there; resolves to the name of the primary. */
  healed(): Promise<string>;
  /** `kubectl cnpg promote`. */
  promote(pod: string): Promise<void>;
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
  const manifest = clusterManifest(clusterName, { instances, enableSuperuserAccess: true, ...spec });
  await client.create(clusters, manifest as KubernetesObject);
  const objects = objectsOf(client);
  await until('the cluster is there', healMs, async () => isWell(await objects.status()));
  const login = await objects.login();
  const system: System = {
    matriarch,
    client,
    objects,
    login,
    writeAddress: await objects.writeAddress(),
    onPod: async (pod, sql) => ask(await objects.addressOf(pod), login, sql),
    healed: async () => {
      await until('one primary and its standbys', healMs, () => isHealed(system));
      return (await objects.status()).currentPrimary ?? '';
    },
    promote: (pod) => promote(matriarch, pod),
    stop: async () => {
      client.close();
      await matriarch.stop();
      await matriarch.remove();
    },
  };
  await system.onPod(await system.healed(), createTable);
  return system;
}

function isWell({ phase, readyInstances, currentPrimary, targetPrimary }: ClusterStatus): boolean {
  const settled = currentPrimary !== undefined && currentPrimary === targetPrimary;
  return phase === 'Cluster in healthy state' && readyInstances === instances && settled;
}

async function isHealed({ objects, login, onPod }: System): Promise<boolean> {
  const status = await objects.status();
  if (!isWell(status)) throw new Error(`${status.phase} (${status.phaseReason}), ${status.readyInstances} ready`);
  const pods = await objects.pods();
  const roles = await Promise.all(
    pods.map(async ({ metadata, status: podStatus }) => {
      const address = { host: podStatus?.podIP ?? '', port: 5432 };
      const [row] = await ask<{ standby: boolean }>(address, login, 'SELECT pg_is_in_recovery() AS standby');
      return { pod: metadata?.name, standby: row?.standby };
    }),
  );
  const primaries = roles.filter(({ standby }) => standby === false).map(({ pod }) => pod);
  if (roles.length !== instances || primaries.length !== 1 || primaries[0] !== status.currentPrimary) {
    throw new Error(`primaries: ${primaries.join(', ')} of ${roles.length} instances`);
  }
  const streaming = "SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'";
  const [row] = await onPod<{ count: number }>(status.currentPrimary ?? '', streaming);
  return (row?.count ?? 0) >= instances - 1;
}

function promote(matriarch: Matriarch, pod: string): Promise<void> {
  const program = join(root, 'dist/kubectl-cnpg.mjs');
  const args = [program, 'promote', clusterName, pod, '-n', namespace, '--kubeconfig', matriarch.kubeconfig];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`promote ended with ${code}`))));
  });
}
