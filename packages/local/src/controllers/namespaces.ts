/** The end of a namespace: everything in it is deleted, its conditions say what is left, and then it goes. */
import type { Namespace, NamespaceCondition } from 'kubernetes-types/core/v1.d.ts';
import { ignoreNotFound, messageOf } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import { type Key, keyOf, NAMESPACES, type Stored } from '../runtime/resources.ts';
import { timestamp } from '../runtime/time.ts';
import { type ControllerContext, isSame, type Running } from './common.ts';
import type { AnyObject, AnyResource, Universe } from './universe.ts';

const FINALIZER = 'kubernetes';

export type Content = ReadonlyMap<AnyResource, readonly AnyObject[]>;

function qualified({ resource, group }: AnyResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function finalizerCounts(content: Content): Map<string, number> {
  const counts = new Map<string, number>();
  for (const object of [...content.values()].flat()) {
    for (const name of object.metadata.finalizers ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function list(prefix: string, entries: readonly (readonly [string, number])[], verb: string): string {
  const parts = entries.map(([name, count]) => `${name} ${verb} ${count} resource instances`).sort();
  return `${prefix}: ${parts.join(', ')}`;
}

type Verdict = Omit<NamespaceCondition, 'lastTransitionTime'>;

export function namespaceVerdicts(content: Content, failure: string | undefined): Verdict[] {
  const remaining = [...content].map(([resource, objects]) => [qualified(resource), objects.length] as const);
  const finalizers = [...finalizerCounts(content)];
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    failure === undefined
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        }
      : {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, 1 remaining: ${failure}`,
        },
    remaining.length > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: list('Some resources are remaining', remaining, 'has'),
        }
      : {
          type: 'NamespaceContentRemaining',
          status: 'False',
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        },
    finalizers.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: list('Some content in the namespace has finalizers remaining', finalizers, 'in'),
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
}

function withTimes(
  known: readonly NamespaceCondition[] | undefined,
  verdicts: readonly Verdict[],
  now: string,
): NamespaceCondition[] {
  return verdicts.map(({ type, ...verdict }) => {
    const before = known?.find((condition) => condition.type === type);
    const since = before?.status === verdict.status ? (before.lastTransitionTime ?? now) : now;
    return { type, ...verdict, lastTransitionTime: since };
  });
}

const LOOK_AGAIN_MS = 1000;

export function startNamespaces({ api, caches, clock, log }: ControllerContext, universe: Universe): Running {
  const namespaces = caches.of(NAMESPACES);

  const deleteContent = async (namespace: string): Promise<string | undefined> => {
    let failure: string | undefined;
    for (const [resource, objects] of universe.inNamespace(namespace)) {
      for (const object of objects) {
        if (object.metadata.deletionTimestamp !== undefined) continue;
        const request = { uid: object.metadata.uid, propagationPolicy: 'Background' as const };
        await ignoreNotFound(api.delete(resource, keyOf(object), request)).catch((error: unknown) => {
          failure = messageOf(error);
        });
      }
    }
    return failure;
  };
  const finalize = async (namespace: Stored<Namespace>) => {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== FINALIZER);
    await ignoreNotFound(
      api.updateSubresource(NAMESPACES, { ...namespace, spec: { ...namespace.spec, finalizers } }, 'finalize'),
    );
  };
  const reconcile = async (key: Key): Promise<number | undefined> => {
    const namespace = namespaces.get(key);
    if (namespace?.metadata.deletionTimestamp === undefined || !namespace.spec?.finalizers?.includes(FINALIZER))
      return undefined;
    const failure = await deleteContent(key.name);
    const left = universe.inNamespace(key.name);
    const verdicts = namespaceVerdicts(left, failure);
    const conditions = withTimes(namespace.status?.conditions, verdicts, timestamp(clock.now()));
    const current = namespaces.get(key) ?? namespace;
    if (left.size === 0 && failure === undefined) {
      await finalize(current);
      return undefined;
    }
    if (!isSame(conditions, current.status?.conditions)) {
      await api.updateSubresource(NAMESPACES, { ...current, status: { ...current.status, conditions } }, 'status');
    }
    return LOOK_AGAIN_MS;
  };

  const controller = createController('namespaces', reconcile, log);
  controller.watch(namespaces, ownKey);
  universe.onChange(({ object }, _previous, gone) => {
    const { namespace } = object.metadata;
    if (!namespace) return;
    const terminating = namespaces.get({ namespace: '', name: namespace })?.metadata.deletionTimestamp !== undefined;
    if (terminating && (gone || object.metadata.deletionTimestamp === undefined))
      controller.enqueue({ namespace: '', name: namespace });
  });
  return controller;
}
