/** How a Deployment moves from its old ReplicaSets to the new one, and how its status reads. Pure. */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { timestamp } from '../runtime/time.ts';
import { canonical, share } from './common.ts';

export const HASH_LABEL = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAXIMUM = 'deployment.kubernetes.io/max-replicas';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** The template as it is compared: without the label that tells its hash. */
function bare(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const { [HASH_LABEL]: _hash, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

export function templateHash(template: PodTemplateSpec, collisions: number): string {
  let hash = 0x811c9dc5;
  for (const character of canonical(bare(template)) + (collisions || '')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return [...String(hash)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
}

export function hasTemplate(set: Stored<ReplicaSet>, deployment: Stored<Deployment>): boolean {
  return canonical(bare(set.spec?.template)) === canonical(bare(deployment.spec?.template));
}

export function revisionOf(object: { metadata: { annotations?: Record<string, string> } }): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0);
}

interface Bounds {
  readonly replicas: number;
  readonly surge: number;
  readonly unavailable: number;
}

/** How many pods there may be beyond, and missing from, the wanted number. */
export function boundsOf({ spec }: Stored<Deployment>): Bounds {
  const replicas = spec?.replicas ?? 1;
  if (spec?.strategy?.type === 'Recreate') return { replicas, surge: 0, unavailable: replicas };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec?.strategy?.rollingUpdate ?? {};
  const surge = share(maxSurge, replicas, Math.ceil);
  const unavailable = share(maxUnavailable, replicas, Math.floor);
  // Both zero would never move.
  return { replicas, surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

export interface Scale {
  readonly set: Stored<ReplicaSet>;
  readonly replicas: number;
}

const wantedBy = (set: Stored<ReplicaSet>) => set.spec?.replicas ?? 0;
const availableOf = (set: Stored<ReplicaSet>) => set.status?.availableReplicas ?? 0;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** The next sizes. `oldPodsLeft`: pods of old sets that still exist, also those on their way out. */
export function nextScales(
  deployment: Stored<Deployment>,
  newest: Stored<ReplicaSet> | undefined,
  old: readonly Stored<ReplicaSet>[],
  oldPodsLeft: number,
): Scale[] {
  const bounds = boundsOf(deployment);
  if (deployment.spec?.paused || !newest) return [];
  if (deployment.spec?.strategy?.type === 'Recreate') {
    const down = old.filter((set) => wantedBy(set) > 0).map((set) => ({ set, replicas: 0 }));
    if (down.length > 0 || oldPodsLeft > 0) return down;
    return wantedBy(newest) === bounds.replicas ? [] : [{ set: newest, replicas: bounds.replicas }];
  }
  const up = growNewest(newest, old, bounds);
  return up ? [up] : shrinkOld(newest, old, bounds);
}

function growNewest(newest: Stored<ReplicaSet>, old: readonly Stored<ReplicaSet>[], bounds: Bounds): Scale | undefined {
  const current = wantedBy(newest);
  if (current > bounds.replicas) return { set: newest, replicas: bounds.replicas };
  const total = sum([...old, newest].map(wantedBy));
  const room = bounds.replicas + bounds.surge - total;
  const next = Math.min(bounds.replicas, current + Math.max(0, room));
  return next === current ? undefined : { set: newest, replicas: next };
}

function shrinkOld(newest: Stored<ReplicaSet>, old: readonly Stored<ReplicaSet>[], bounds: Bounds): Scale[] {
  const total = sum([...old, newest].map(wantedBy));
  const least = bounds.replicas - bounds.unavailable;
  const newUnavailable = wantedBy(newest) - availableOf(newest);
  let removable = total - least - newUnavailable;
  const scales = new Map<Stored<ReplicaSet>, number>();
  const left = (set: Stored<ReplicaSet>) => scales.get(set) ?? wantedBy(set);
  const take = (set: Stored<ReplicaSet>, count: number) => {
    if (count > 0) scales.set(set, left(set) - count);
  };
  const oldestFirst = [...old].sort((a, b) =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  );
  for (const set of oldestFirst) {
    const unhealthy = Math.min(Math.max(0, removable), wantedBy(set) - Math.min(availableOf(set), wantedBy(set)));
    take(set, unhealthy);
    removable -= unhealthy;
  }
  let spare = sum([...old, newest].map(availableOf)) - least;
  for (const set of oldestFirst) {
    const count = Math.min(Math.max(0, spare), left(set));
    take(set, count);
    spare -= count;
  }
  return [...scales].map(([set, replicas]) => ({ set, replicas }));
}

type Verdict = Omit<DeploymentCondition, 'lastUpdateTime' | 'lastTransitionTime'>;

/** A changed condition goes to the end of the list, one that says the same stays as it is. */
function setCondition(
  conditions: readonly DeploymentCondition[],
  verdict: Verdict,
  now: string,
): DeploymentCondition[] {
  const known = conditions.find(({ type }) => type === verdict.type);
  if (known?.status === verdict.status && known.reason === verdict.reason) return [...conditions];
  const since = known?.status === verdict.status ? known.lastTransitionTime : now;
  const { type, status, reason, message } = verdict;
  const next = {
    type,
    status,
    lastUpdateTime: now,
    lastTransitionTime: since ?? now,
    reason,
    message,
  } as DeploymentCondition;
  return [...conditions.filter((each) => each.type !== type), next];
}

export interface StatusInput {
  readonly deployment: Stored<Deployment>;
  readonly newest: Stored<ReplicaSet> | undefined;
  readonly old: readonly Stored<ReplicaSet>[];
  readonly now: number;
}

export function isComplete({ deployment, newest, old }: Omit<StatusInput, 'now'>): boolean {
  const { replicas } = boundsOf(deployment);
  const current = newest?.status;
  return (
    (current?.replicas ?? 0) === replicas &&
    (current?.availableReplicas ?? 0) === replicas &&
    sum(old.map((set) => set.status?.replicas ?? 0)) === 0
  );
}

export function deploymentStatus(input: StatusInput): DeploymentStatus {
  const { deployment, newest, old, now } = input;
  const bounds = boundsOf(deployment);
  const all = newest ? [...old, newest] : [...old];
  const replicas = sum(all.map((set) => set.status?.replicas ?? 0));
  const ready = sum(all.map((set) => set.status?.readyReplicas ?? 0));
  const available = sum(all.map(availableOf));
  const updated = newest?.status?.replicas ?? 0;
  const unavailable = Math.max(0, sum(all.map(wantedBy)) - available);
  const time = timestamp(now);
  const enough = available >= bounds.replicas - bounds.unavailable;
  let conditions = setCondition(
    deployment.status?.conditions ?? [],
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    time,
  );
  const progress = progressVerdict(input, { updated, ready, available });
  if (progress) conditions = setCondition(conditions, progress, time);
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...(replicas > 0 ? { replicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
    ...(deployment.status?.collisionCount ? { collisionCount: deployment.status.collisionCount } : {}),
    conditions,
  };
}

function progressVerdict(
  input: StatusInput,
  counts: { updated: number; ready: number; available: number },
): Verdict | undefined {
  const { deployment, newest, now } = input;
  const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const known = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  if (isComplete(input)) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `${subject} has successfully progressed.`,
    };
  }
  const before = deployment.status;
  const moved =
    counts.updated > (before?.updatedReplicas ?? 0) ||
    counts.ready > (before?.readyReplicas ?? 0) ||
    counts.available > (before?.availableReplicas ?? 0) ||
    before?.observedGeneration !== deployment.metadata.generation;
  if (moved || !known) {
    return { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` };
  }
  const limit = (deployment.spec?.progressDeadlineSeconds ?? 600) * 1000;
  const late = known.reason !== 'NewReplicaSetAvailable' && now - Date.parse(known.lastUpdateTime ?? '') > limit;
  if (!late) return undefined;
  return {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `${subject} has timed out progressing.`,
  };
}
