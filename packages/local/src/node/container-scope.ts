/** What the parts of one container's life share. */
import { join } from 'node:path';
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts';
import { subjectOf } from '../runtime/events.ts';
import type { Stored } from '../runtime/resources.ts';
import type { ContainerProcess } from './container-process.ts';
import { marksIn } from './container-record.ts';
import type { ContainerFacts } from './container-state.ts';
import type { NodeContext } from './context.ts';
import type { Placement } from './downward.ts';
import { type HostUser, userOf } from './identity.ts';
import { shortHash } from './layout.ts';
import type { Ownership } from './processes.ts';

export interface RunnerInput {
  readonly context: NodeContext;
  readonly pod: () => Stored<Pod>;
  readonly podDirectory: string;
  readonly placement: Placement;
  readonly container: Container;
  readonly facts: ContainerFacts;
  readonly volumes: ReadonlyMap<string, string>;
  /** Something in `facts` changed and must be told. */
  readonly changed: () => void;
}

/** The running container, for exec and probes. */
export interface RunningContainer {
  readonly env: Readonly<Record<string, string>>;
  readonly root: string;
  readonly user: HostUser | undefined;
}

export interface ContainerScope extends RunnerInput {
  readonly uid: string;
  /** Directory of the container beside its logs. */
  readonly base: string;
  readonly root: string;
  /** Short link to the root. */
  readonly sandbox: string;
  readonly recordFile: string;
  readonly logDirectory: string;
  readonly user: HostUser | undefined;
  /** Aborted when the container is to end for good. */
  readonly stopping: AbortController;
  /** Grace of that end. */
  stopGraceMs: number;
  process: ContainerProcess | undefined;
  running: RunningContainer | undefined;
}

/**
 * Where programs of a container see its root. It is the same for every pod of the name: PostgreSQL keeps absolute paths of
 * tablespaces, and a pod that is made anew must find them.
 */
export function sandboxPath(context: NodeContext, pod: Stored<Pod>, container: string): string {
  const { namespace, name } = pod.metadata;
  return join(context.layout.sandboxes, shortHash(`${namespace}/${name}/${container}`, 8));
}

export function createScope(input: RunnerInput): ContainerScope {
  const { context, container, podDirectory } = input;
  const { uid } = input.pod().metadata;
  const base = join(podDirectory, 'containers', container.name);
  return {
    ...input,
    uid,
    base,
    root: join(base, 'root'),
    sandbox: sandboxPath(context, input.pod(), container.name),
    recordFile: join(base, 'process.json'),
    logDirectory: join(podDirectory, 'logs', container.name),
    user: userOf(context.users, input.pod().spec?.securityContext, container.securityContext),
    stopping: new AbortController(),
    stopGraceMs: 0,
    process: undefined,
    running: undefined,
  };
}

/** Records an event about the container. */
export function tell(
  { context, container, facts, pod }: ContainerScope,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  const field = facts.role === 'main' ? 'containers' : 'initContainers';
  context.events.record(subjectOf(pod(), 'v1', 'Pod', `spec.${field}{${container.name}}`), type, reason, message);
}

/** The container waits, and its status says for what. */
export function setWaiting({ facts, changed }: ContainerScope, reason: string, message?: string): void {
  facts.state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  facts.ready = false;
  facts.started = false;
  changed();
}

export function ownershipOf({ sandbox, base, volumes, recordFile }: ContainerScope): Ownership {
  const marks = marksIn(recordFile);
  const [first] = marks;
  return {
    owns: (path) => path === sandbox,
    directories: [base, ...volumes.values()],
    marks,
    ...(first === undefined ? {} : { first }),
  };
}
