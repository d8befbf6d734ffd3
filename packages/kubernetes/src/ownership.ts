import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from './resource.ts';

/** The reference that makes `owner` the controller of another object. */
export function controllerReference<T extends KubernetesObject>(
  type: ResourceType<T>,
  owner: T,
  options: { blockOwnerDeletion?: boolean } = {},
): OwnerReference {
  const { name, uid } = owner.metadata ?? {};
  if (!name || !uid) throw new Error(`an owner needs metadata.name and metadata.uid; this ${type.kind} has not both`);
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name,
    uid,
    controller: true,
    ...(options.blockOwnerDeletion ? { blockOwnerDeletion: true } : {}),
  };
}

/** The reference with `controller: true`, if any. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

/** True when `object` is controlled by exactly this incarnation of `owner`. */
export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/** A copy of `object` with `reference` as its controller; other references stay. Refuses a second controller. */
export function setOwner<T extends KubernetesObject>(object: T, reference: OwnerReference): T {
  const others = (object.metadata?.ownerReferences ?? []).filter(({ uid }) => uid !== reference.uid);
  const rival = others.find(({ controller }) => controller === true);
  if (rival && reference.controller) {
    throw new Error(
      `${object.kind ?? 'object'} ${object.metadata?.name ?? ''} is controlled by ${rival.kind} ${rival.name}`,
    );
  }
  return { ...object, metadata: { ...object.metadata, ownerReferences: [...others, reference] } };
}
