/** What the node knows of one container, as plain values, and how it reads in the pod's status. */
import type { Container, ContainerState, ContainerStatus } from 'kubernetes-types/core/v1.d.ts';

export type ContainerRole = 'init' | 'sidecar' | 'main';

export interface ContainerFacts {
  readonly name: string;
  readonly role: ContainerRole;
  image: string;
  imageID: string;
  containerID: string;
  state: ContainerState;
  lastState: ContainerState;
  restartCount: number;
  /** The startup probe has succeeded, or there is none. */
  started: boolean;
  /** The readiness probe succeeds, or there is none and the container runs. */
  ready: boolean;
}

export const ID_PREFIX = 'process://';

export function roleOf(container: Container, init: boolean): ContainerRole {
  if (!init) return 'main';
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

/** Facts at the start of the node's work on the pod: after a restart of ours what ran before is over. */
export function initialFacts(
  container: Container,
  role: ContainerRole,
  known: ContainerStatus | undefined,
  now: string,
): ContainerFacts {
  const facts: ContainerFacts = {
    name: container.name,
    role,
    image: container.image ?? '',
    imageID: known?.imageID ?? '',
    containerID: known?.containerID ?? '',
    state: { waiting: { reason: role === 'main' ? 'ContainerCreating' : 'PodInitializing' } },
    lastState: known?.lastState ?? {},
    restartCount: known?.restartCount ?? 0,
    started: false,
    ready: false,
  };
  const { running, terminated } = known?.state ?? {};
  if (terminated) facts.state = { terminated };
  if (running) {
    facts.state = {
      terminated: {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The container could not be located when the node was started again',
        ...(running.startedAt === undefined ? {} : { startedAt: running.startedAt }),
        finishedAt: now,
        containerID: facts.containerID,
      },
    };
  }
  return facts;
}

export function containerStatus(facts: ContainerFacts): ContainerStatus {
  const { name, image, imageID, containerID, state, lastState, restartCount, started, ready } = facts;
  return {
    name,
    image,
    imageID,
    ...(containerID === '' ? {} : { containerID }),
    state,
    lastState,
    restartCount,
    started,
    ready,
  };
}
