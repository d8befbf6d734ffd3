/** What several controllers share. */
import { randomInt } from 'node:crypto';
import type { Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import type { Api } from '../runtime/api.ts';
import type { Cache, Caches } from '../runtime/cache.ts';
import type { EventRecorder } from '../runtime/events.ts';
import { type Key, PODS, type Stored, type StoredMeta } from '../runtime/resources.ts';
import { matchesSelector } from '../runtime/selector.ts';
import type { Clock } from '../runtime/time.ts';

export interface ControllerContext {
  readonly api: Api;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Events in the name of a part of the controller manager, e.g. `deployment-controller`. */
  events(component: string): EventRecorder;
}

/** A controller that runs. */
export interface Running {
  stop(): Promise<void>;
}

interface Owned {
  readonly metadata: StoredMeta;
}

export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller);
}

export function controllerReference(owner: Owned, apiVersion: string, kind: string): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The key of the object's controller when that is of the kind. */
export function controllerKey(object: Owned, kind: string): Key[] {
  const reference = controllerOf(object);
  return reference?.kind === kind ? [{ namespace: object.metadata.namespace ?? '', name: reference.name }] : [];
}

export function isControlledBy(object: Owned, owner: Owned): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

export function podCondition(pod: Stored<Pod>, type: string): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

export function isPodReady(pod: Stored<Pod>): boolean {
  return podCondition(pod, 'Ready');
}

export function isPodOver(pod: Stored<Pod>): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Neither over nor on its way out. */
export function isPodActive(pod: Stored<Pod>): boolean {
  return !isPodOver(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Ready for at least so long; the milliseconds until then otherwise, undefined when it is not ready. */
export function availableIn(pod: Stored<Pod>, minReadySeconds: number, now: number): number | undefined {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  return Math.max(0, Date.parse(ready.lastTransitionTime ?? '') + minReadySeconds * 1000 - now);
}

/** Letters and digits that spell no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** A pod as the template says, owned by the controller. */
export function podFromTemplate(template: PodTemplateSpec, namespace: string, owner: OwnerReference): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const base = owner.name.length > 58 ? owner.name.slice(0, 58) : owner.name;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${base}-`,
      namespace,
      ...(labels ? { labels: { ...labels } } : {}),
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
      ownerReferences: [owner],
    },
    spec: structuredClone(template.spec ?? { containers: [] }),
  };
}

/** The pods of a controller; a pod without one that its selector matches is taken in. */
export async function claimPods(
  api: Api,
  pods: Cache<Pod>,
  owner: Stored<{ spec?: { selector?: Parameters<typeof matchesSelector>[0] } }>,
  reference: OwnerReference,
): Promise<Stored<Pod>[]> {
  const { namespace, deletionTimestamp } = owner.metadata;
  const claimed: Stored<Pod>[] = [];
  for (const pod of pods.list(namespace)) {
    const controller = controllerOf(pod);
    if (controller?.uid === reference.uid) claimed.push(pod);
    else if (
      !controller &&
      deletionTimestamp === undefined &&
      isPodActive(pod) &&
      matchesSelector(owner.spec?.selector, pod.metadata.labels)
    ) {
      const ownerReferences = [...(pod.metadata.ownerReferences ?? []), reference];
      const { uid, resourceVersion, name } = pod.metadata;
      const key = { namespace: namespace ?? '', name };
      claimed.push(await api.patch(PODS, key, { metadata: { uid, resourceVersion, ownerReferences } }));
    }
  }
  return claimed;
}

/** `25%` of a total, or the number itself. */
export function share(value: string | number | undefined, total: number, round: (x: number) => number): number {
  if (typeof value !== 'string') return value ?? 0;
  return value.endsWith('%') ? round((Number(value.slice(0, -1)) * total) / 100) : Number(value);
}

/** Whether two plain values are written alike, whatever the order of their keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
