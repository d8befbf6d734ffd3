import { isDeepStrictEqual } from 'node:util';
import type { Cluster, ClusterStatus } from '@matriarch/api';
import { isConflict } from '@matriarch/kubernetes';
import type { Instance } from './instance.ts';
import { clusters } from './kinds.ts';

type StatusPatch = { readonly [K in keyof ClusterStatus]?: ClusterStatus[K] | null };
type Condition = NonNullable<ClusterStatus['conditions']>[number];

const timeoutMs = 10_000;

/** Merges fields into the Cluster's status; null removes one. */
export async function patchStatus(instance: Instance, status: StatusPatch): Promise<Cluster> {
  const { namespace, clusterName } = instance.options;
  const patched = await instance.client.patch(
    clusters,
    { namespace, name: clusterName },
    { type: 'merge', body: { status } },
    { subresource: 'status', signal: AbortSignal.timeout(timeoutMs) },
  );
  instance.cluster.observe(patched);
  return patched;
}

export interface NewCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** The list with one condition set; its transition time moves only when the status does. */
export function withCondition(conditions: readonly Condition[], wanted: NewCondition, now: string): Condition[] {
  const old = conditions.find((condition) => condition.type === wanted.type);
  const lastTransitionTime = old !== undefined && old.status === wanted.status ? old.lastTransitionTime : now;
  const next: Condition = { ...wanted, lastTransitionTime };
  if (old === undefined) return [...conditions, next];
  return conditions.map((condition) => (condition === old ? { ...old, ...next } : condition));
}

/** Sets a condition, and other fields with it; writes nothing when nothing would change. */
export async function setCondition(instance: Instance, wanted: NewCondition, more: StatusPatch = {}): Promise<void> {
  const { namespace, clusterName } = instance.options;
  const key = { namespace, name: clusterName };
  for (let attempt = 0; ; attempt += 1) {
    // A conflict says that the cached copy is old: from the second attempt on the API server is asked.
    const cached = attempt === 0 ? instance.cluster.current() : undefined;
    const cluster = cached ?? (await instance.client.get(clusters, key, { signal: AbortSignal.timeout(timeoutMs) }));
    const old = cluster.status?.conditions ?? [];
    const conditions = withCondition(old, wanted, new Date().toISOString().replace(/\.\d+Z$/, 'Z'));
    if (isDeepStrictEqual(old, conditions) && Object.keys(more).length === 0) return;
    const resourceVersion = cluster.metadata.resourceVersion;
    try {
      const body = { metadata: { resourceVersion }, status: { ...more, conditions } };
      const options = { subresource: 'status', signal: AbortSignal.timeout(timeoutMs) };
      instance.cluster.observe(await instance.client.patch(clusters, key, { type: 'merge', body }, options));
      return;
    } catch (error) {
      if (!isConflict(error) || attempt >= 5) throw error;
    }
  }
}

/** Sets the phase, and with it the condition Ready, which holds in the healthy phase only. */
export async function setPhase(instance: Instance, phase: string, phaseReason: string): Promise<void> {
  const healthy = phase === 'Cluster in healthy state';
  await setCondition(
    instance,
    {
      type: 'Ready',
      status: healthy ? 'True' : 'False',
      reason: healthy ? 'ClusterIsReady' : 'ClusterIsNotReady',
      message: healthy ? 'Cluster is Ready' : 'Cluster Is Not Ready',
    },
    { phase, phaseReason },
  );
}

/** Time as the Cluster's own status fields hold it. */
export function microTimestamp(now: Date): string {
  return now.toISOString().replace('Z', '000Z');
}
