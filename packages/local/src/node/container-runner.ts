/**
 * One container of a pod, from the first image pull to its last end.
 *
 * waiting (ContainerCreating, ErrImagePull, ImagePullBackOff, CreateContainerConfigError) -> running -> terminated
 * -> waiting (CrashLoopBackOff) -> running ..., until its restart policy says that it is over, or it is stopped.
 *
 * A container counts as terminated only after every process of it is gone. A crash of ours between two steps leaves processes
 * that carry the sandbox path in their environment; the next start ends them before anything else.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts';
import { messageOf } from '../runtime/api.ts';
import { subjectOf } from '../runtime/events.ts';
import type { Stored } from '../runtime/resources.ts';
import { sleep, timestamp } from '../runtime/time.ts';
import { afterRun, freshHistory, goDuration, pullDelay, type RestartHistory } from './backoff.ts';
import { commandLine, resolveProgram, StartError } from './command.ts';
import { type ContainerProcess, type ExitStatus, startContainerProcess } from './container-process.ts';
import { type ContainerFacts, ID_PREFIX } from './container-state.ts';
import type { NodeContext } from './context.ts';
import type { Placement } from './downward.ts';
import { buildEnvironment, ContainerConfigError } from './environment.ts';
import { execIn } from './exec.ts';
import { type HostUser, userOf } from './identity.ts';
import type { Image } from './image.ts';
import { shortHash } from './layout.ts';
import { keepLog, logPath } from './logs.ts';
import { runProbes } from './prober.ts';
import { killOwned, type Ownership, type ProcessMark } from './processes.ts';
import { buildRoot, MountError } from './root.ts';
import { stopGracefully } from './stop.ts';
import { terminationMessage } from './termination-message.ts';

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

export interface RunningContainer {
  readonly env: Readonly<Record<string, string>>;
  readonly root: string;
  readonly user: HostUser | undefined;
}

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

export function sandboxPath(context: NodeContext, podUid: string, container: string): string {
  return join(context.layout.sandboxes, shortHash(`${podUid}/${container}`, 8));
}

export function createContainerRunner(input: RunnerInput): ContainerRunner {
  const { context, container, facts, placement, podDirectory } = input;
  const { clock } = context;
  const base = join(podDirectory, 'containers', container.name);
  const root = join(base, 'root');
  const recordFile = join(base, 'process.json');
  const logDirectory = join(podDirectory, 'logs', container.name);
  const uid = input.pod().metadata.uid;
  const sandbox = sandboxPath(context, uid, container.name);
  const user = userOf(context.users, input.pod().spec?.securityContext, container.securityContext);
  const stopping = new AbortController();
  let process: ContainerProcess | undefined;
  let current: RunningContainer | undefined;
  let history: RestartHistory = freshHistory;
  let stopGraceMs = 0;
  let finished: Promise<void> = Promise.resolve();

  const record = (type: 'Normal' | 'Warning', reason: string, message: string) => {
    const field = facts.role === 'main' ? 'containers' : 'initContainers';
    const subject = subjectOf(input.pod(), 'v1', 'Pod', `spec.${field}{${container.name}}`);
    context.events.record(subject, type, reason, message);
  };
  const wait = (reason: string, message?: string) => {
    facts.state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
    facts.ready = false;
    facts.started = false;
    input.changed();
  };

  /** The image, however long it takes; undefined when stopped meanwhile. */
  const pullImage = async (): Promise<Image | undefined> => {
    const reference = container.image ?? '';
    for (let failures = 0; !stopping.signal.aborted; failures++) {
      try {
        if (failures > 0 || facts.imageID === '') record('Normal', 'Pulling', `Pulling image "${reference}"`);
        const image = await context.images.pull(reference, stopping.signal);
        if (failures > 0 || facts.imageID === '')
          record('Normal', 'Pulled', `Successfully pulled image "${reference}"`);
        else record('Normal', 'Pulled', `Container image "${reference}" already present on machine`);
        return image;
      } catch (error) {
        if (stopping.signal.aborted) return undefined;
        const message = messageOf(error);
        if (!(error instanceof Error && error.name === 'ImagePullError'))
          context.log(`pull of ${reference} failed: ${message}`);
        await waitForNextPull(reference, message, failures);
      }
    }
    return undefined;
  };
  const waitForNextPull = async (reference: string, message: string, failures: number) => {
    record('Warning', 'Failed', `Failed to pull image "${reference}": ${message}`);
    record('Warning', 'Failed', 'Error: ErrImagePull');
    wait('ErrImagePull', message);
    await sleep(Math.min(1000, pullDelay(failures)), stopping.signal);
    if (stopping.signal.aborted) return;
    record('Normal', 'BackOff', `Back-off pulling image "${reference}"`);
    wait('ImagePullBackOff', `Back-off pulling image "${reference}": ErrImagePull: ${message}`);
    await sleep(pullDelay(failures), stopping.signal);
  };

  /** The environment, as soon as all it refers to is there. */
  const environment = async (image: Image): Promise<Record<string, string> | undefined> => {
    const namespace = input.pod().metadata.namespace ?? '';
    for (let tries = 0; !stopping.signal.aborted; tries++) {
      try {
        return buildEnvironment({
          pod: input.pod(),
          container,
          image,
          placement,
          sandbox,
          hostsFile: context.layout.hostsFile,
          apiServer: context.apiServer,
          hostPath: context.hostPath,
          machine: context.machine,
          secret: (name) => context.secrets.get({ namespace, name }),
          configMap: (name) => context.configMaps.get({ namespace, name }),
        });
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error;
        if (tries === 0) record('Warning', 'Failed', `Error: ${error.message}`);
        wait('CreateContainerConfigError', error.message);
        await sleep(CONFIG_RETRY_MS, stopping.signal);
      }
    }
    return undefined;
  };

  const start = async (image: Image, env: Record<string, string>): Promise<void> => {
    mkdirSync(base, { recursive: true });
    buildRoot({ root, container, image, volumes: input.volumes, user, env });
    rmSync(sandbox, { force: true });
    symlinkSync(root, sandbox);
    mkdirSync(logDirectory, { recursive: true });
    const [program, ...args] = commandLine(container, image, env);
    const file = resolveProgram(program, sandbox, env.PATH ?? '');
    const cwd = container.workingDir === undefined ? root : join(root, container.workingDir);
    mkdirSync(cwd, { recursive: true });
    process = await startContainerProcess(
      { file, args, env, cwd, user },
      logPath(logDirectory, facts.restartCount),
      recordFile,
    );
    current = { env, root, user };
  };

  const ownership = (): Ownership => ({
    owns: (path) => path === sandbox,
    directories: [base, ...input.volumes.values()],
    marks: marksIn(recordFile),
  });

  /** Runs once: from start to the end of the last process. */
  const runOnce = async (image: Image, env: Record<string, string>): Promise<ContainerStateTerminated> => {
    const startedAt = clock.now();
    const keeper = keepLog(logDirectory, facts.restartCount, clock);
    facts.imageID = image.reference;
    facts.containerID = `${ID_PREFIX}${shortHash(`${uid}/${container.name}/${facts.restartCount}`, 40)}`;
    try {
      await start(image, env);
    } catch (error) {
      keeper.stop();
      const reason = error instanceof StartError || error instanceof MountError ? messageOf(error) : undefined;
      if (reason === undefined) throw error;
      record('Warning', 'Failed', `Error: ${reason}`);
      return ended(startedAt, { exitCode: 128, signal: undefined }, 'StartError', reason);
    }
    record('Normal', 'Created', `Created container: ${container.name}`);
    record('Normal', 'Started', `Started container ${container.name}`);
    facts.state = { running: { startedAt: timestamp(startedAt) } };
    facts.started = container.startupProbe === undefined;
    facts.ready = facts.started && container.readinessProbe === undefined;
    input.changed();
    if (stopping.signal.aborted) endNow();
    const exit = await untilExit();
    await killOwned(ownership());
    process = undefined;
    current = undefined;
    keeper.stop();
    const text = terminationMessage(container, root, logPath(logDirectory, facts.restartCount), exit.exitCode);
    return ended(startedAt, exit, exit.exitCode === 0 ? 'Completed' : 'Error', text);
  };
  const ended = (startedAt: number, exit: ExitStatus, reason: string, message: string): ContainerStateTerminated => ({
    exitCode: exit.exitCode,
    ...(exit.signal === undefined ? {} : { signal: exit.signal }),
    reason,
    ...(message === '' ? {} : { message }),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(clock.now()),
    containerID: facts.containerID,
  });

  /** Ends what was started while the order to stop came in. */
  const endNow = () => {
    if (process) void stopGracefully(process, container, stopGraceMs, ownership, execHook, NEVER);
  };
  const untilExit = async (): Promise<ExitStatus> => {
    const running = process;
    if (!running) return { exitCode: 255, signal: undefined };
    const probing = new AbortController();
    const tell = (change: Partial<Pick<ContainerFacts, 'ready' | 'started'>>) => {
      Object.assign(facts, change);
      input.changed();
    };
    const probes = runProbes(
      { container, podIP: placement.podIP, exec: (command, signal) => execOutput(command, signal) },
      {
        started: () => tell({ started: true }),
        ready: (ready) => tell({ ready }),
        unhealthy: (kind, message) => record('Warning', 'Unhealthy', `${kind} probe failed: ${message}`),
        failed: (kind) => {
          const graceSeconds = input.pod().spec?.terminationGracePeriodSeconds ?? 30;
          record(
            'Normal',
            'Killing',
            `Container ${container.name} failed ${kind.toLowerCase()} probe, will be restarted`,
          );
          void stopGracefully(running, container, graceSeconds * 1000, ownership, execHook, NEVER);
        },
      },
      probing.signal,
    );
    const exit = await running.exited;
    probing.abort();
    await probes;
    return exit;
  };

  const execOutput = async (command: readonly string[], signal: AbortSignal) => {
    if (!current) return { exitCode: 1, output: 'the container does not run' };
    return execIn(current, command, signal);
  };
  const execHook = (command: readonly string[], signal: AbortSignal) => execOutput(command, signal);

  const loop = async () => {
    const policy = facts.role === 'sidecar' ? 'Always' : restartPolicy(input.pod(), facts);
    if (facts.state.terminated) recoverFormerRun(facts);
    while (!stopping.signal.aborted) {
      const image = await pullImage();
      const env = image && (await environment(image));
      if (!image || !env || stopping.signal.aborted) return;
      const begun = clock.now();
      const terminated = await runOnce(image, env);
      facts.state = { terminated };
      facts.ready = false;
      facts.started = false;
      input.changed();
      if (stopping.signal.aborted || policy === 'Never' || (policy === 'OnFailure' && terminated.exitCode === 0))
        return;
      await backOff(terminated, clock.now() - begun);
      if (stopping.signal.aborted) return;
      facts.restartCount += 1;
    }
  };
  const backOff = async (terminated: ContainerStateTerminated, ranMs: number) => {
    const next = afterRun(history, ranMs);
    history = next.history;
    if (next.delayMs > 0) {
      const { name, namespace } = input.pod().metadata;
      const message = `restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`;
      record('Warning', 'BackOff', `Back-off ${message}`);
      facts.lastState = { terminated };
      wait('CrashLoopBackOff', `back-off ${goDuration(next.delayMs)} ${message}`);
      await sleep(next.delayMs, stopping.signal);
      if (stopping.signal.aborted) facts.state = { terminated };
    } else facts.lastState = { terminated };
  };

  return {
    facts,
    container,
    logDirectory,
    run: () => {
      finished = loop();
      return finished;
    },
    stop: async (graceMs) => {
      stopGraceMs = graceMs;
      if (process) {
        if (!stopping.signal.aborted) record('Normal', 'Killing', `Stopping container ${container.name}`);
        const running = process;
        const stopped = stopGracefully(running, container, graceMs, ownership, execHook, NEVER);
        stopping.abort();
        await stopped;
      } else stopping.abort();
      await finished.catch(() => undefined);
    },
    signal: (signal) => process?.signal(signal),
    running: () => current,
  };
}

const CONFIG_RETRY_MS = 250;
const NEVER = new AbortController().signal;

function restartPolicy(pod: Stored<Pod>, facts: ContainerFacts): string {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  return facts.role === 'init' && policy === 'Always' ? 'OnFailure' : policy;
}

/** A container that ran under a former life of ours starts again as its next run. */
function recoverFormerRun(facts: ContainerFacts): void {
  facts.lastState = facts.state;
  facts.restartCount += 1;
}

export function marksIn(recordFile: string): ProcessMark[] {
  try {
    return [JSON.parse(readFileSync(recordFile, 'utf8')) as ProcessMark];
  } catch {
    return [];
  }
}
