import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, clusterPhases, labels } from '@matriarch/api';
import { type Client, ConnectionError, isAlreadyExists, isRetryable, resources, sleep } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { parse } from 'yaml';
import { clusters } from '../resources.ts';
import { installation } from './paths.ts';
import type { Progress } from './progress.ts';

/** The cluster that `matriarch up` creates. */
export function exampleCluster(): Cluster {
  return parse(readFileSync(join(installation, 'examples/cluster-example.yaml'), 'utf8')) as Cluster;
}

const retryMs = 100;

/** Creates the example cluster, or finds it there from an earlier start. Resolves to whether it is new. */
export async function createExample(client: Client, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    try {
      await client.create(clusters, exampleCluster(), { fieldManager: 'matriarch', signal });
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      // The webhooks of the operator may need a moment after it says that it is ready.
      if (!(isRetryable(error) || error instanceof ConnectionError)) throw error;
      await sleep(retryMs, signal);
    }
  }
}

/** Follows a cluster until it is healthy, with a line for each change of its phase and for each instance. */
export async function clusterHealthy(
  client: Client,
  key: { name: string; namespace: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const told = new Set<string>();
  const tell = (text: string) => {
    if (!told.has(text)) progress.step(text);
    told.add(text);
  };
  const options = { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}`, signal };
  for (;;) {
    for await (const { object } of client.watch(clusters, options)) {
      const { status, spec } = object;
      const ready = status?.readyInstances ?? 0;
      if (isSettled(object)) {
        // The status of an earlier life says so too, until the operator has looked again.
        if (!(await podsReady(client, key, spec.instances ?? 1, signal))) break;
        tell(`${key.name}: ${clusterPhases.healthy}, ${ready} of ${spec.instances} instances ready`);
        return;
      }
      for (const text of events(object)) tell(`${key.name}: ${text}`);
    }
    await sleep(retryMs, signal);
  }
}

async function podsReady(
  client: Client,
  { name, namespace }: { name: string; namespace: string },
  wanted: number,
  signal: AbortSignal,
): Promise<boolean> {
  const labelSelector = `${labels.cluster}=${name},${labels.podRole}=instance`;
  const { items } = await client.list(resources.pods, { namespace, labelSelector, signal });
  return items.filter(isReady).length >= wanted;
}

function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return ready && metadata?.deletionTimestamp === undefined;
}

function events({ status }: Cluster): string[] {
  const reason = status?.phaseReason ? `: ${status.phaseReason}` : '';
  const phase = status?.phase && status.phase !== clusterPhases.healthy ? [`${status.phase}${reason}`] : [];
  const ready = (status?.instancesStatus?.healthy ?? []).map((instance) => `${instance} is ready`);
  return [...ready, ...phase];
}

/** Whether a cluster is where its spec wants it. */
export function isSettled({ spec, status }: Cluster): boolean {
  return (
    status?.phase === clusterPhases.healthy &&
    status.readyInstances === spec.instances &&
    status.currentPrimary !== undefined &&
    status.currentPrimary === status.targetPrimary
  );
}
