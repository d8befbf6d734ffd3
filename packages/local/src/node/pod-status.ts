/** The status of a pod from what is known of its containers. Pure. */
import type { Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { type ContainerFacts, containerStatus } from './container-state.ts';
import type { Placement } from './downward.ts';

export interface StatusInput {
  readonly pod: Stored<Pod>;
  readonly containers: readonly ContainerFacts[];
  /** Missing until the pod has an address. */
  readonly placement: Placement | undefined;
  /** Volumes are there. */
  readonly prepared: boolean;
  readonly startTime: string;
  readonly now: string;
  /** Failed for a reason of the node's: eviction, refusal. */
  readonly failure?: { readonly reason: string; readonly message: string };
}

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function podPhase(pod: Stored<Pod>, containers: readonly ContainerFacts[]): Phase {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const inits = containers.filter(({ role }) => role === 'init');
  const mains = containers.filter(({ role }) => role === 'main');
  const exitOf = ({ state }: ContainerFacts) => state.terminated?.exitCode;
  if (policy === 'Never' && inits.some((facts) => (exitOf(facts) ?? 0) !== 0)) return 'Failed';
  const over = mains.filter((facts) => exitOf(facts) !== undefined);
  if (over.length === mains.length && over.length > 0 && isFinal(pod, policy, mains)) {
    return mains.every((facts) => exitOf(facts) === 0) ? 'Succeeded' : 'Failed';
  }
  const everStarted = mains.some(({ state, lastState }) => state.running || state.terminated || lastState.terminated);
  return everStarted ? 'Running' : 'Pending';
}

function isFinal(pod: Stored<Pod>, policy: string, mains: readonly ContainerFacts[]): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return true;
  if (policy === 'Never') return true;
  return policy === 'OnFailure' && mains.every(({ state }) => state.terminated?.exitCode === 0);
}

function isInitialized(containers: readonly ContainerFacts[]): boolean {
  return containers.every(({ role, state, started }) => {
    if (role === 'main') return true;
    return role === 'sidecar' ? started : state.terminated?.exitCode === 0;
  });
}

type Verdict = Pick<PodCondition, 'type' | 'status'> & { reason?: string; message?: string };

function verdicts(input: StatusInput, phase: Phase): Verdict[] {
  const { pod, containers, prepared } = input;
  const finished = phase === 'Succeeded' || phase === 'Failed';
  const waitingFor = (role: (facts: ContainerFacts) => boolean, bad: (facts: ContainerFacts) => boolean) =>
    containers.filter((facts) => role(facts) && bad(facts)).map(({ name }) => name);
  const incomplete = waitingFor(
    ({ role }) => role === 'init',
    ({ state }) => state.terminated?.exitCode !== 0,
  );
  const unready = waitingFor(
    ({ role }) => role !== 'init',
    ({ ready }) => !ready,
  );
  const initialized: Verdict =
    isInitialized(containers) || phase === 'Succeeded'
      ? { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${incomplete.join(' ')}]`,
        };
  const containersReady: Omit<Verdict, 'type'> = finished
    ? { status: 'False', reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : unready.length === 0
      ? { status: 'True' }
      : {
          status: 'False',
          reason: 'ContainersNotReady',
          message: `containers with unready status: [${unready.join(' ')}]`,
        };
  const gates = (pod.spec?.readinessGates ?? []).filter(
    ({ conditionType }) => pod.status?.conditions?.find(({ type }) => type === conditionType)?.status !== 'True',
  );
  const ready: Omit<Verdict, 'type'> =
    containersReady.status === 'True' && gates.length > 0
      ? { status: 'False', reason: 'ReadinessGatesNotReady', message: 'readiness gates are not all true' }
      : containersReady;
  return [
    { type: 'PodReadyToStartContainers', status: prepared && !finished ? 'True' : 'False' },
    initialized,
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...containersReady },
    { type: 'PodScheduled', status: 'True' },
  ];
}

/** Conditions of ours with the time of their last change; those of others as they are. */
export function mergeConditions(
  current: readonly PodCondition[] | undefined,
  wanted: readonly Verdict[],
  now: string,
): PodCondition[] {
  const own = new Set(wanted.map(({ type }) => type));
  const others = (current ?? []).filter(({ type }) => !own.has(type));
  const mine = wanted.map((verdict): PodCondition => {
    const known = current?.find(({ type }) => type === verdict.type);
    const since = known?.status === verdict.status ? (known.lastTransitionTime ?? now) : now;
    return { ...verdict, lastTransitionTime: since };
  });
  return [...mine, ...others];
}

export function podStatus(input: StatusInput): PodStatus {
  const { pod, containers, placement, startTime, now, failure } = input;
  const phase = failure ? 'Failed' : podPhase(pod, containers);
  const inits = containers.filter(({ role }) => role !== 'main').map(containerStatus);
  return {
    phase,
    ...failure,
    conditions: mergeConditions(pod.status?.conditions, verdicts(input, phase), now),
    startTime,
    ...(placement
      ? {
          hostIP: placement.hostIP,
          hostIPs: [{ ip: placement.hostIP }],
          podIP: placement.podIP,
          podIPs: [{ ip: placement.podIP }],
        }
      : {}),
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits }),
    containerStatuses: containers.filter(({ role }) => role === 'main').map(containerStatus),
    qosClass: pod.status?.qosClass ?? 'BestEffort',
  };
}
