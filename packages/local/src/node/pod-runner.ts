/**
 * One pod on this node, from its binding to the removal of its directory.
 *
 * preparing (address, volumes) -> initializing (init containers one after another) -> running -> finished, and from any of these
 * -> terminating when the object carries a deletionTimestamp, or is gone.
 *
 * When a pod ends, its containers are told in its status first, and only then the object goes: whoever waits for proof that a
 * process is gone finds it there.
 */
import { lstatSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts';
import { ignoreNotFound, isConflict, isNotFound, messageOf } from '../runtime/api.ts';
import { keyOf, keyString, PODS, type Stored } from '../runtime/resources.ts';
import { sleep, timestamp } from '../runtime/time.ts';
import { type ContainerRunner, createContainerRunner } from './container-runner.ts';
import { sandboxPath } from './container-scope.ts';
import type { NodeContext } from './context.ts';
import type { Placement } from './downward.ts';
import { closeFacts, factsOf, isDecided, isFinished, mustRun, statusPatch } from './pod-facts.ts';
import { readPodRecord, writePodRecord } from './pod-record.ts';
import { podStatus } from './pod-status.ts';
import { createPodStorage } from './pod-storage.ts';
import { createStatusWriter } from './status-writer.ts';

export interface PodRunner {
  readonly uid: string;
  pod(): Stored<Pod>;
  /** A newer version of the object. */
  update(pod: Stored<Pod>): void;
  /** The object is gone: end everything at once. */
  removed(): void;
  /** A Secret or ConfigMap changed. */
  sourceChanged(kind: 'secret' | 'configMap', name: string): void;
  container(name: string | undefined): ContainerRunner | undefined;
  podIP(): string | undefined;
  signal(signal: NodeJS.Signals): void;
  /** Ends the processes and leaves the object as it is: for a shutdown of the cluster (or the loss of the node, with 0). */
  halt(graceMs: number): Promise<void>;
  /** Resolves when nothing of the pod is left on this node. */
  readonly gone: Promise<void>;
}

const SIDECAR_LOOK_MS = 20;

/** What the phases of a pod's life share. */
interface Life {
  readonly context: NodeContext;
  readonly directory: string;
  readonly facts: ReturnType<typeof factsOf>;
  readonly runners: Map<string, ContainerRunner>;
  readonly stopping: AbortController;
  readonly status: ReturnType<typeof createStatusWriter>;
  readonly storage: ReturnType<typeof createPodStorage>;
  readonly startTime: string;
  pod: Stored<Pod>;
  placement: Placement | undefined;
  /** Volumes are there. */
  prepared: boolean;
}

const describe = ({ pod }: Life) => `${pod.metadata.namespace}/${pod.metadata.name}`;

function beginLife(context: NodeContext, first: Stored<Pod>): Life {
  const now = timestamp(context.clock.now());
  const directory = join(context.layout.pods, first.metadata.uid);
  const stopping = new AbortController();
  const life: Life = {
    context,
    directory,
    facts: factsOf(first, now),
    runners: new Map(),
    stopping,
    status: createStatusWriter(
      () => writeStatus(life),
      (error) => context.log(`status of pod ${describe(life)} not written: ${messageOf(error)}`),
    ),
    storage: createPodStorage({ context, pod: () => life.pod, directory, signal: stopping.signal }),
    startTime: first.status?.startTime ?? now,
    pod: first,
    placement: undefined,
    prepared: false,
  };
  return life;
}

async function writeStatus(life: Life): Promise<void> {
  const { context, pod, facts, placement, prepared, startTime } = life;
  await context.silence.over();
  const now = timestamp(context.clock.now());
  const status = podStatus({ pod, containers: facts, placement, prepared, startTime, now });
  const patch = { metadata: { uid: pod.metadata.uid }, status: statusPatch(pod.status, status) };
  await ignoreNotFound(context.api.patch(PODS, keyOf(pod), patch, 'status'));
}

/** The pod keeps its address for life, also over a restart of ours. */
function place({ context, directory, pod }: Life): Placement & { readonly isNew: boolean } {
  const record = readPodRecord(directory);
  const known = record && context.addresses.contains(record.ip) ? record : undefined;
  const podIP = known?.ip ?? context.addresses.allocate();
  return { podIP, hostIP: context.nodeIP, isNew: known === undefined || known.node !== pod.spec?.nodeName };
}

async function runPod(life: Life): Promise<void> {
  const { context, directory, facts, storage, pod } = life;
  if (isFinished(pod)) return;
  const { isNew, ...placement } = place(life);
  life.placement = placement;
  const volumes = await storage.prepare(placement);
  if (!volumes) return;
  const { namespace = '', name } = pod.metadata;
  if (isNew) writePodRecord(directory, { namespace, name, node: context.nodeName, ip: placement.podIP });
  life.prepared = true;
  // A pod that ends before it began starts nothing: whoever ends it has already looked for what to stop.
  if (life.stopping.signal.aborted) return;
  if (isDecided(facts, pod) || (await initialize(life, volumes, placement))) await runMains(life, volumes, placement);
  if (!life.stopping.signal.aborted) await stopSidecars(life);
  life.status.changed();
  await life.status.flush();
}

function addRunner(
  life: Life,
  container: Container,
  volumes: ReadonlyMap<string, string>,
  placement: Placement,
): ContainerRunner {
  const facts = life.facts.find(({ name }) => name === container.name);
  if (!facts) throw new Error(`no container ${container.name}`);
  const runner = createContainerRunner({
    context: life.context,
    pod: () => life.pod,
    podDirectory: life.directory,
    placement,
    container,
    facts,
    volumes,
    changed: life.status.changed,
  });
  life.runners.set(container.name, runner);
  return runner;
}

async function supervise(life: Life, runner: ContainerRunner): Promise<void> {
  try {
    await runner.run();
  } catch (error) {
    life.context.log(`container ${describe(life)}/${runner.container.name} failed: ${messageOf(error)}`);
  }
  life.status.changed();
}

/** True when all init containers have succeeded. */
async function initialize(life: Life, volumes: ReadonlyMap<string, string>, placement: Placement): Promise<boolean> {
  const { signal } = life.stopping;
  for (const container of life.pod.spec?.initContainers ?? []) {
    if (signal.aborted) return false;
    const runner = addRunner(life, container, volumes, placement);
    if (runner.facts.role === 'sidecar') {
      void supervise(life, runner);
      while (!runner.facts.started && !signal.aborted) await sleep(SIDECAR_LOOK_MS, signal);
    } else {
      await supervise(life, runner);
      if (runner.facts.state.terminated?.exitCode !== 0) return false;
    }
  }
  return !signal.aborted;
}

async function runMains(life: Life, volumes: ReadonlyMap<string, string>, placement: Placement): Promise<void> {
  const { facts, pod } = life;
  for (const own of facts) {
    if (own.role === 'main' && own.state.waiting) own.state = { waiting: { reason: 'ContainerCreating' } };
  }
  const mains = (pod.spec?.containers ?? []).map((container) => addRunner(life, container, volumes, placement));
  await Promise.all(mains.filter((runner) => mustRun(runner.facts, pod)).map((runner) => supervise(life, runner)));
}

function graceMs({ pod }: Life): number {
  return (pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}

async function stopSidecars(life: Life): Promise<void> {
  for (const runner of life.runners.values()) if (runner.facts.role === 'sidecar') await runner.stop(graceMs(life));
}

async function stopAll(life: Life, running: Promise<void>, grace: number): Promise<void> {
  life.stopping.abort();
  await Promise.all([...life.runners.values()].map((runner) => runner.stop(grace)));
  await running;
}

async function terminate(life: Life, running: Promise<void>): Promise<void> {
  const { context, facts, status } = life;
  await stopAll(life, running, graceMs(life));
  const now = timestamp(context.clock.now());
  for (const own of facts) closeFacts(own, now);
  status.changed();
  await status.flush();
  await removeObject(life);
  cleanUp(life);
}

/** A conflict says that another pod has the name by now: this one is gone as well. */
async function removeObject({ context, pod }: Life): Promise<void> {
  await context.silence.over();
  try {
    await context.api.delete(PODS, keyOf(pod), { uid: pod.metadata.uid, gracePeriodSeconds: 0 });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

function cleanUp({ context, directory, facts, placement, pod, status }: Life): void {
  status.stop();
  if (placement) context.addresses.release(placement.podIP);
  for (const { name } of facts) unlinkRoot(sandboxPath(context, pod, name), directory);
  rmSync(directory, { recursive: true, force: true });
}

/** Removes the link to a root, unless it leads to that of a later pod of the name by now. */
function unlinkRoot(link: string, directory: string): void {
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(link).startsWith(`${directory}/`)) rmSync(link, { force: true });
}

function isSameMap(a: object | undefined, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function createPodRunner(context: NodeContext, first: Stored<Pod>): PodRunner {
  const life = beginLife(context, first);
  const { promise: gone, resolve: markGone } = Promise.withResolvers<void>();
  let ending = false;
  // One pod of a name after another, wherever they are: they share the paths of their roots, and often their volumes.
  const turn = context.turns.take(keyString(keyOf(first)), () => runPod(life));
  const running = turn.catch((error: unknown) => {
    context.log(`pod ${describe(life)} failed on this node: ${messageOf(error)}`);
  });
  const end = (work: () => Promise<void>) => {
    if (ending) return;
    ending = true;
    work().then(markGone, (error: unknown) => context.log(`end of pod ${describe(life)}: ${messageOf(error)}`));
  };
  life.status.changed();
  if (first.metadata.deletionTimestamp !== undefined) end(() => terminate(life, running));

  return {
    uid: first.metadata.uid,
    gone,
    pod: () => life.pod,
    podIP: () => life.placement?.podIP,
    container: (name) => life.runners.get(name ?? life.pod.spec?.containers[0]?.name ?? ''),
    signal: (signal) => {
      for (const runner of life.runners.values()) runner.signal(signal);
    },
    update: (next) => {
      const { labels, annotations } = life.pod.metadata;
      const described = isSameMap(labels, next.metadata.labels) && isSameMap(annotations, next.metadata.annotations);
      life.pod = next;
      if (next.metadata.deletionTimestamp !== undefined) end(() => terminate(life, running));
      else if (!described) life.storage.refresh();
    },
    removed: () => {
      life.status.stop();
      // Also when it is ending already: an object that was deleted by force leaves no time.
      for (const runner of life.runners.values()) void runner.stop(0);
      end(async () => {
        await stopAll(life, running, 0);
        cleanUp(life);
      });
    },
    sourceChanged: life.storage.sourceChanged,
    halt: async (grace) => {
      life.status.stop();
      await stopAll(life, running, grace);
    },
  };
}
