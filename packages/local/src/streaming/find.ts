/** The container that a request to a pod means. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { badRequest, notFound } from '../apiserver/registry/errors.ts';
import type { StreamTarget } from '../apiserver/registry/hooks.ts';
import type { ContainerRunner } from '../node/container-runner.ts';
import type { RunningContainer } from '../node/container-scope.ts';
import type { Nodes } from '../node/nodes.ts';
import type { PodRunner } from '../node/pod-runner.ts';
import type { Cache } from '../runtime/cache.ts';
import type { Stored } from '../runtime/resources.ts';

export interface StreamingContext {
  readonly nodes: Nodes;
  readonly pods: Cache<Pod>;
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

export interface FoundContainer {
  readonly pod: Stored<Pod>;
  readonly runner: PodRunner;
  readonly container: ContainerRunner;
}

export function findRunner({ nodes, pods }: StreamingContext, target: Pick<StreamTarget, 'namespace' | 'name'>) {
  const key = { namespace: target.namespace ?? '', name: target.name };
  const pod = pods.get(key);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, target.name);
  if (!pod.spec?.nodeName) throw badRequest(`pod ${target.name} does not have a host assigned`);
  return { pod, runner: nodes.runner(key) };
}

/** The container by name, or the only one there is. */
export function findContainer(context: StreamingContext, target: StreamTarget): FoundContainer {
  const { pod, runner } = findRunner(context, target);
  const names = (pod.spec?.containers ?? []).map(({ name }) => name);
  const all = [...(pod.spec?.initContainers ?? []).map(({ name }) => name), ...names];
  const asked = target.query.get('container') || undefined;
  const preset = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (asked === undefined && names.length > 1 && preset === undefined) {
    throw badRequest(`a container name must be specified for pod ${target.name}, choose one of: [${names.join(' ')}]`);
  }
  const name = asked ?? preset ?? names[0] ?? '';
  if (!all.includes(name)) throw badRequest(`container ${name} is not valid for pod ${target.name}`);
  const container = runner?.container(name);
  if (!runner || !container) {
    throw badRequest(`container "${name}" in pod "${target.name}" is waiting to start: ${waitingReason(pod, name)}`);
  }
  return { pod, runner, container };
}

function waitingReason(pod: Stored<Pod>, name: string): string {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.find((status) => status.name === name)?.state?.waiting?.reason ?? 'ContainerCreating';
}

export function runningContainer({ container }: FoundContainer): RunningContainer {
  const running = container.running();
  if (!running) throw badRequest(`container "${container.container.name}" is not running`);
  return running;
}
