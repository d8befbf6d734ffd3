/**
 * One container of a pod, from the first image pull to its last end.
 *
 * waiting (ContainerCreating, ErrImagePull, ImagePullBackOff, CreateContainerConfigError) -> running -> terminated
 * -> waiting (CrashLoopBackOff) -> running ..., until its restart policy says that it is over, or it is stopped.
 *
 * A container counts as terminated only after every process of it is gone. A crash of ours between two steps leaves processes
 * that carry the sandbox path in their environment; the next start ends them before anything else.
 */
import type { Container, ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { sleep } from '../runtime/time.ts';
import { afterRun, freshHistory, goDuration, type RestartHistory } from './backoff.ts';
import { awaitEnvironment, pullImage } from './container-prepare.ts';
import { runOnce, stopProcess } from './container-run.ts';
import {
  type ContainerScope,
  createScope,
  type RunnerInput,
  type RunningContainer,
  setWaiting,
  tell,
} from './container-scope.ts';
import type { ContainerFacts } from './container-state.ts';

export interface ContainerRunner {
  readonly facts: ContainerFacts;
  readonly container: Container;
  /** Runs to the final end of the container. */
  run(): Promise<void>;
  /** Ends the container for good; resolves when no process of it is left. */
  stop(graceMs: number): Promise<void>;
  /** Tells the main process only. */
  signal(signal: NodeJS.Signals): void;
  /** The running container for exec and port-forward; undefined when it does not run. */
  running(): RunningContainer | undefined;
  readonly logDirectory: string;
}

export function createContainerRunner(input: RunnerInput): ContainerRunner {
  const scope = createScope(input);
  const { container, facts, logDirectory, stopping } = scope;
  let finished: Promise<void> = Promise.resolve();
  return {
    facts,
    container,
    logDirectory,
    run: () => {
      finished = runToEnd(scope);
      return finished;
    },
    stop: async (graceMs) => {
      scope.stopGraceMs = graceMs;
      const { process } = scope;
      if (process && !stopping.signal.aborted) tell(scope, 'Normal', 'Killing', `Stopping container ${container.name}`);
      const stopped = process && stopProcess(scope, process, graceMs);
      stopping.abort();
      await stopped;
      // A run that failed has told so itself.
      await finished.catch(() => undefined);
    },
    signal: (signal) => scope.process?.signal(signal),
    running: () => scope.running,
  };
}

async function runToEnd(scope: ContainerScope): Promise<void> {
  const { context, facts, pod, stopping } = scope;
  const policy = restartPolicy(pod(), facts);
  let history = freshHistory;
  if (facts.state.terminated) recoverFormerRun(facts);
  while (!stopping.signal.aborted) {
    const image = await pullImage(scope);
    const env = image && (await awaitEnvironment(scope, image));
    if (!image || !env || stopping.signal.aborted) return;
    const begun = context.clock.now();
    const terminated = await runOnce(scope, image, env);
    facts.state = { terminated };
    facts.ready = false;
    facts.started = false;
    scope.changed();
    if (stopping.signal.aborted || policy === 'Never' || (policy === 'OnFailure' && terminated.exitCode === 0)) return;
    history = await waitForRestart(scope, history, terminated, context.clock.now() - begun);
    if (stopping.signal.aborted) return;
    facts.restartCount += 1;
  }
}

async function waitForRestart(
  scope: ContainerScope,
  history: RestartHistory,
  terminated: ContainerStateTerminated,
  ranMs: number,
): Promise<RestartHistory> {
  const { container, facts, pod, stopping, uid } = scope;
  const next = afterRun(history, ranMs);
  facts.lastState = { terminated };
  if (next.delayMs === 0) return next.history;
  const { name, namespace } = pod().metadata;
  const message = `restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`;
  tell(scope, 'Warning', 'BackOff', `Back-off ${message}`);
  setWaiting(scope, 'CrashLoopBackOff', `back-off ${goDuration(next.delayMs)} ${message}`);
  await sleep(next.delayMs, stopping.signal);
  if (stopping.signal.aborted) facts.state = { terminated };
  return next.history;
}

function restartPolicy(pod: Stored<Pod>, { role }: ContainerFacts): string {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  if (role === 'sidecar') return 'Always';
  return role === 'init' && policy === 'Always' ? 'OnFailure' : policy;
}

/** A container that ran under a former life of ours starts again as its next run. */
function recoverFormerRun(facts: ContainerFacts): void {
  facts.lastState = facts.state;
  facts.restartCount += 1;
}
