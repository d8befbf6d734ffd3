/** What is known of a pod's containers at the edges of its life here. Pure. */
import type { Container, Pod, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { type ContainerFacts, initialFacts, roleOf } from './container-state.ts';
import { podPhase } from './pod-status.ts';

export function factsOf(pod: Stored<Pod>, now: string): ContainerFacts[] {
  const known = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const make = (init: boolean) => (container: Container) => {
    const status = known.find(({ name }) => name === container.name);
    return initialFacts(container, roleOf(container, init), status, now);
  };
  return [...(pod.spec?.initContainers ?? []).map(make(true)), ...(pod.spec?.containers ?? []).map(make(false))];
}

export function isFinished(pod: Stored<Pod>): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether what ran before a restart of ours already decides the pod. */
export function isDecided(facts: readonly ContainerFacts[], pod: Stored<Pod>): boolean {
  const phase = podPhase(pod, facts);
  return phase === 'Failed' || phase === 'Succeeded';
}

export function mustRun(facts: ContainerFacts, pod: Stored<Pod>): boolean {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const exit = facts.state.terminated?.exitCode;
  return exit === undefined || policy === 'Always' || (policy === 'OnFailure' && exit !== 0);
}

/** The end of a container that never ran, or waited for its next run, when the pod ended. */
export function closeFacts(facts: ContainerFacts, now: string): void {
  facts.ready = false;
  facts.started = false;
  if (facts.state.running) facts.state = { terminated: { exitCode: 137, reason: 'Error', finishedAt: now } };
  else if (facts.state.waiting && facts.lastState.terminated) facts.state = facts.lastState;
}

/** A merge patch that leaves nothing of the old values in the fields that are ours. */
export function statusPatch(old: PodStatus | undefined, next: PodStatus): object {
  const cleared: Record<string, null> = {};
  for (const key of ['reason', 'message']) if (old && key in old && !(key in next)) cleared[key] = null;
  return { ...cleared, ...next };
}
