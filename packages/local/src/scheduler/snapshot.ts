/** What a decision of the scheduler looks at. Plain values. */
import type { Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { quantity } from '../runtime/quantity.ts';
import type { Stored } from '../runtime/resources.ts';

export interface NodeView {
  readonly node: Stored<Node>;
  readonly labels: Readonly<Record<string, string>>;
  /** Pods bound to it that are not over. */
  readonly pods: readonly Stored<Pod>[];
}

export interface ClaimView {
  readonly claim: Stored<PersistentVolumeClaim>;
  readonly volume: Stored<PersistentVolume> | undefined;
  readonly storageClass: Stored<StorageClass> | undefined;
}

export interface Snapshot {
  readonly nodes: readonly NodeView[];
  readonly namespaces: ReadonlyMap<string, Stored<Namespace>>;
  /** Claims of the pod; undefined where one does not exist. */
  readonly claims: ReadonlyMap<string, ClaimView | undefined>;
}

export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

const NOTHING: Resources = { cpu: 0, memory: 0 };

type Requests = Readonly<Record<string, string>> | undefined;

function read(requests: Requests): Resources {
  return { cpu: quantity(requests?.cpu), memory: quantity(requests?.memory) };
}

function add(a: Resources, b: Resources): Resources {
  return { cpu: a.cpu + b.cpu, memory: a.memory + b.memory };
}

/** The containers together, or one init container, whichever is more. */
export function requestsOf(pod: Stored<Pod>): Resources {
  const containers = (pod.spec?.containers ?? []).map(({ resources }) => read(resources?.requests));
  const inits = (pod.spec?.initContainers ?? []).map(({ resources }) => read(resources?.requests));
  const together = containers.reduce(add, NOTHING);
  const largest = inits.reduce(
    (a, b) => ({ cpu: Math.max(a.cpu, b.cpu), memory: Math.max(a.memory, b.memory) }),
    NOTHING,
  );
  const running = { cpu: Math.max(together.cpu, largest.cpu), memory: Math.max(together.memory, largest.memory) };
  return add(running, read(pod.spec?.overhead));
}

export function requestedOn(view: NodeView): Resources {
  return view.pods.map(requestsOf).reduce(add, NOTHING);
}
