/** One run of a container: from the start of its main process to the end of its last. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts';
import { messageOf } from '../runtime/api.ts';
import { timestamp } from '../runtime/time.ts';
import { commandLine, resolveProgram, StartError } from './command.ts';
import { type ContainerProcess, type ExitStatus, startContainerProcess } from './container-process.ts';
import { type ContainerScope, ownershipOf, tell } from './container-scope.ts';
import { type ContainerFacts, ID_PREFIX } from './container-state.ts';
import { execIn } from './exec.ts';
import type { Image } from './image.ts';
import { shortHash } from './layout.ts';
import { keepLog, logPath } from './logs.ts';
import { type ProbeListener, runProbes } from './prober.ts';
import { killOwned } from './processes.ts';
import { buildRoot, MountError } from './root.ts';
import { stopGracefully } from './stop.ts';
import { terminationMessage } from './termination-message.ts';

export async function runOnce(
  scope: ContainerScope,
  image: Image,
  env: Record<string, string>,
): Promise<ContainerStateTerminated> {
  const { container, context, facts, logDirectory, root, stopping } = scope;
  const startedAt = context.clock.now();
  const keeper = keepLog(logDirectory, facts.restartCount, context.clock);
  facts.imageID = image.reference;
  facts.containerID = `${ID_PREFIX}${shortHash(`${scope.uid}/${container.name}/${facts.restartCount}`, 40)}`;
  try {
    scope.process = await start(scope, image, env);
  } catch (error) {
    const message = messageOf(error);
    const expected = error instanceof StartError || error instanceof MountError;
    // Whatever kept it from starting, the next try may go better: it is held back like any other failed run.
    if (!expected) context.log(`container ${container.name} of pod ${scope.uid} cannot start: ${message}`);
    tell(scope, 'Warning', 'Failed', `Error: ${message}`);
    return terminated(scope, startedAt, { exitCode: 128, signal: undefined }, 'StartError', message);
  } finally {
    if (!scope.process) keeper.stop();
  }
  scope.running = { env, root, user: scope.user };
  showRunning(scope, startedAt);
  // The order to stop may have come in while the process was being started.
  if (stopping.signal.aborted) void stopProcess(scope, scope.process, scope.stopGraceMs);
  const exit = await untilExit(scope, scope.process);
  await killOwned(ownershipOf(scope));
  scope.process = undefined;
  scope.running = undefined;
  keeper.stop();
  const text = terminationMessage(container, root, logPath(logDirectory, facts.restartCount), exit.exitCode);
  return terminated(scope, startedAt, exit, exit.exitCode === 0 ? 'Completed' : 'Error', text);
}

async function start(scope: ContainerScope, image: Image, env: Record<string, string>): Promise<ContainerProcess> {
  const { base, container, facts, logDirectory, root, sandbox, user, volumes } = scope;
  mkdirSync(base, { recursive: true });
  buildRoot({ root, container, image, volumes, user, env });
  rmSync(sandbox, { force: true });
  symlinkSync(root, sandbox);
  const [program, ...args] = commandLine(container, image, env);
  const file = resolveProgram(program, sandbox, env.PATH ?? '');
  const cwd = container.workingDir === undefined ? root : join(root, container.workingDir);
  mkdirSync(cwd, { recursive: true });
  return startContainerProcess(
    { file, args, env, cwd, user },
    logPath(logDirectory, facts.restartCount),
    scope.recordFile,
  );
}

function showRunning(scope: ContainerScope, startedAt: number): void {
  const { container, facts } = scope;
  tell(scope, 'Normal', 'Created', `Created container: ${container.name}`);
  tell(scope, 'Normal', 'Started', `Started container ${container.name}`);
  facts.state = { running: { startedAt: timestamp(startedAt) } };
  facts.started = container.startupProbe === undefined;
  facts.ready = facts.started && container.readinessProbe === undefined;
  scope.changed();
}

function terminated(
  scope: ContainerScope,
  startedAt: number,
  exit: ExitStatus,
  reason: string,
  message: string,
): ContainerStateTerminated {
  return {
    exitCode: exit.exitCode,
    ...(exit.signal === undefined ? {} : { signal: exit.signal }),
    reason,
    ...(message === '' ? {} : { message }),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(scope.context.clock.now()),
    containerID: scope.facts.containerID,
  };
}

async function execOutput({ running }: ContainerScope, command: readonly string[], signal: AbortSignal) {
  return running ? execIn(running, command, signal) : { exitCode: 1, output: 'the container does not run' };
}

/** Ends the process as the pod asks for; resolves when it has ended. */
export function stopProcess(scope: ContainerScope, process: ContainerProcess, graceMs: number): Promise<void> {
  const exec = (command: readonly string[], signal: AbortSignal) => execOutput(scope, command, signal);
  return stopGracefully(process, scope.container, graceMs, () => ownershipOf(scope), exec);
}

/** Waits for the end of the main process, and runs its probes until then. */
async function untilExit(scope: ContainerScope, process: ContainerProcess): Promise<ExitStatus> {
  const { container, placement } = scope;
  const probing = new AbortController();
  const target = {
    container,
    podIP: placement.podIP,
    silence: scope.context.silence,
    exec: (command: readonly string[], signal: AbortSignal) => execOutput(scope, command, signal),
  };
  const probes = runProbes(target, probeListener(scope, process), probing.signal);
  const exit = await process.exited;
  probing.abort();
  await probes;
  return exit;
}

function probeListener(scope: ContainerScope, process: ContainerProcess): ProbeListener {
  const { container, facts, pod, changed } = scope;
  const change = (values: Partial<Pick<ContainerFacts, 'ready' | 'started'>>) => {
    Object.assign(facts, values);
    changed();
  };
  return {
    started: () => change({ started: true }),
    ready: (ready) => change({ ready }),
    unhealthy: (kind, message) => tell(scope, 'Warning', 'Unhealthy', `${kind} probe failed: ${message}`),
    failed: (kind) => {
      const probe = kind === 'Startup' ? container.startupProbe : container.livenessProbe;
      const graceSeconds = probe?.terminationGracePeriodSeconds ?? pod().spec?.terminationGracePeriodSeconds ?? 30;
      tell(
        scope,
        'Normal',
        'Killing',
        `Container ${container.name} failed ${kind.toLowerCase()} probe, will be restarted`,
      );
      void stopProcess(scope, process, graceSeconds * 1000);
    },
  };
}
