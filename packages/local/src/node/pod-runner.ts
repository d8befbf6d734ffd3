/**
 * One pod on this node, from its binding to the removal of its directory.
 *
 * preparing (address, volumes) -> initializing (init containers one after another) -> running -> finished, and from any of these
 * -> terminating when the object carries a deletionTimestamp, or is gone.
 *
 * Every change of a container asks for one write of the status; writes never overlap, and the last change is always written.
 */
import { chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import { ignoreNotFound, isNotFound, messageOf } from '../runtime/api.ts';
import { subjectOf } from '../runtime/events.ts';
import { keyOf, PODS, type Stored } from '../runtime/resources.ts';
import { sleep, timestamp } from '../runtime/time.ts';
import { writeDurably } from './container-process.ts';
import { type ContainerRunner, createContainerRunner } from './container-runner.ts';
import { sandboxPath } from './container-scope.ts';
import { type ContainerFacts, initialFacts, roleOf } from './container-state.ts';
import type { NodeContext } from './context.ts';
import type { Placement } from './downward.ts';
import { userOf } from './identity.ts';
import { podPhase, podStatus } from './pod-status.ts';
import { type PodVolumesInput, prepareVolumes, refreshVolumes } from './pod-volumes.ts';
import { createTokenSource } from './tokens.ts';
import { referencedObjects, VolumeError } from './volume-files.ts';

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

export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ip: string;
}

const RECORD_FILE = 'pod.json';

export function readPodRecord(directory: string): PodRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, RECORD_FILE), 'utf8')) as PodRecord;
  } catch {
    return undefined;
  }
}

const VOLUME_RETRY_MS = 500;

export function createPodRunner(context: NodeContext, first: Stored<Pod>): PodRunner {
  const { clock } = context;
  const uid = first.metadata.uid;
  const directory = join(context.layout.pods, uid);
  const startTime = first.status?.startTime ?? timestamp(clock.now());
  const stopping = new AbortController();
  const { promise: gone, resolve: markGone } = Promise.withResolvers<void>();
  const facts = factsOf(first, timestamp(clock.now()));
  const runners = new Map<string, ContainerRunner>();
  const status = createStatusWriter();
  const tokens = createTokenSource(context.api.as(`node:${context.nodeName}`), first, clock);
  let pod = first;
  let placement: Placement | undefined;
  let prepared = false;
  let versions = 0;
  let wake = () => {};
  let halted = false;
  let ending: Promise<void> | undefined;
  let refreshTimer: NodeJS.Timeout | undefined;

  function createStatusWriter() {
    let dirty = false;
    let writing: Promise<void> | undefined;
    const write = async () => {
      while (dirty && !halted) {
        dirty = false;
        try {
          await context.api.patch(PODS, keyOf(pod), { metadata: { uid }, status: statusPatch() }, 'status');
        } catch (error) {
          if (isNotFound(error)) return;
          context.log(`status of pod ${pod.metadata.namespace}/${pod.metadata.name} not written: ${messageOf(error)}`);
          dirty = true;
          await sleep(STATUS_RETRY_MS, stopping.signal);
        }
      }
    };
    return {
      changed: () => {
        dirty = true;
        writing ??= Promise.resolve()
          .then(write)
          .finally(() => {
            writing = undefined;
            if (dirty && !halted) status.changed();
          });
      },
      flush: async () => {
        while (writing) await writing;
      },
    };
  }
  const statusPatch = (): PodStatus => {
    const now = timestamp(clock.now());
    return replaced(pod.status, podStatus({ pod, containers: facts, placement, prepared, startTime, now }));
  };

  const volumesInput = (at: Placement): PodVolumesInput => {
    const namespace = pod.metadata.namespace ?? '';
    return {
      pod,
      placement: at,
      machine: context.machine,
      directory: join(directory, 'volumes'),
      user: userOf(context.users, pod.spec?.securityContext, pod.spec?.containers[0]?.securityContext),
      secret: (name) => context.secrets.get({ namespace, name }),
      configMap: (name) => context.configMaps.get({ namespace, name }),
      claim: (name) => context.claims.get({ namespace, name }),
      persistentVolume: (name) => context.volumes.get({ namespace: '', name }),
      volumePath: context.volumePath,
      token: tokens.token,
      version: () => `${clock.now()}_${versions++}`,
    };
  };

  const prepare = async (): Promise<ReadonlyMap<string, string> | undefined> => {
    const known = readPodRecord(directory);
    const podIP = known?.ip ?? context.addresses.allocate();
    placement = { podIP, hostIP: context.nodeIP };
    mkdirSync(join(directory, 'volumes'), { recursive: true, mode: 0o711 });
    const { user } = volumesInput(placement);
    if (user) chownSync(directory, user.uid, user.gid);
    const { namespace = '', name } = pod.metadata;
    if (!known)
      writeDurably(
        join(directory, RECORD_FILE),
        JSON.stringify({ namespace, name, node: context.nodeName, ip: podIP }),
      );
    for (let tries = 0; !stopping.signal.aborted; tries++) {
      try {
        const volumes = await prepareVolumes(volumesInput(placement));
        prepared = true;
        return volumes;
      } catch (error) {
        // The first tries fail for what is just being made; an event for that would only be noise.
        if (tries === 3) context.events.record(subjectOf(pod, 'v1', 'Pod'), 'Warning', 'FailedMount', messageOf(error));
        if (!(error instanceof VolumeError) && tries > 0)
          context.log(`volumes of ${namespace}/${name}: ${messageOf(error)}`);
        status.changed();
        await waitForChange(tries);
      }
    }
    return undefined;
  };
  /** Until a Secret, ConfigMap or claim changes, and a while in any case. */
  const waitForChange = async (tries: number) => {
    const changed = new AbortController();
    wake = () => changed.abort();
    await sleep(Math.min(VOLUME_RETRY_MS * (tries + 1), 5000), AbortSignal.any([changed.signal, stopping.signal]));
  };

  const scheduleRefresh = () => {
    clearTimeout(refreshTimer);
    const at = tokens.renewAt();
    if (at === undefined || stopping.signal.aborted) return;
    refreshTimer = setTimeout(() => void refresh(), Math.min(Math.max(at - clock.now(), 1000), 2 ** 31 - 1));
    refreshTimer.unref();
  };
  const refresh = async () => {
    if (!placement || !prepared || stopping.signal.aborted) return;
    try {
      await refreshVolumes(volumesInput(placement));
    } catch (error) {
      context.log(`volumes of ${pod.metadata.namespace}/${pod.metadata.name} not refreshed: ${messageOf(error)}`);
    }
    scheduleRefresh();
  };

  const addRunner = (container: Container, volumes: ReadonlyMap<string, string>, at: Placement): ContainerRunner => {
    const own = facts.find(({ name }) => name === container.name);
    if (!own) throw new Error(`no container ${container.name}`);
    const runner = createContainerRunner({
      context,
      pod: () => pod,
      podDirectory: directory,
      placement: at,
      container,
      facts: own,
      volumes,
      changed: status.changed,
    });
    runners.set(container.name, runner);
    return runner;
  };

  /** True when all init containers have succeeded. */
  const initialize = async (volumes: ReadonlyMap<string, string>, at: Placement): Promise<boolean> => {
    for (const container of pod.spec?.initContainers ?? []) {
      if (stopping.signal.aborted) return false;
      const runner = addRunner(container, volumes, at);
      if (runner.facts.role === 'sidecar') {
        void supervise(runner);
        while (!runner.facts.started && !stopping.signal.aborted) await sleep(SIDECAR_LOOK_MS, stopping.signal);
      } else {
        await supervise(runner);
        if (runner.facts.state.terminated?.exitCode !== 0) return false;
      }
    }
    return !stopping.signal.aborted;
  };
  const supervise = async (runner: ContainerRunner) => {
    try {
      await runner.run();
    } catch (error) {
      context.log(
        `container ${pod.metadata.namespace}/${pod.metadata.name}/${runner.container.name} failed: ${messageOf(error)}`,
      );
    }
    status.changed();
  };

  const run = async () => {
    if (isFinished(pod)) return;
    const volumes = await prepare();
    if (!volumes || !placement) return;
    scheduleRefresh();
    if (!keepFinished(facts, pod) && !(await initialize(volumes, placement))) return finish();
    const at = placement;
    for (const own of facts)
      if (own.role === 'main' && own.state.waiting) own.state = { waiting: { reason: 'ContainerCreating' } };
    const mains = (pod.spec?.containers ?? []).map((container) => addRunner(container, volumes, at));
    await Promise.all(mains.filter(({ facts: own }) => mustRun(own, pod)).map(supervise));
    await finish();
  };
  /** All containers are over for good: the sidecars go, and the status says so. */
  const finish = async () => {
    if (!stopping.signal.aborted)
      for (const runner of runners.values()) if (runner.facts.role === 'sidecar') await runner.stop(graceMs());
    status.changed();
    await status.flush();
  };

  const graceMs = () =>
    (pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  const stopAll = async (grace: number) => {
    stopping.abort();
    clearTimeout(refreshTimer);
    const order = [...runners.values()];
    await Promise.all(order.map((runner) => runner.stop(grace)));
    await running;
  };
  const terminate = async () => {
    await stopAll(graceMs());
    const now = timestamp(clock.now());
    for (const own of facts) closeFacts(own, now);
    status.changed();
    await status.flush();
    await ignoreNotFound(context.api.delete(PODS, keyOf(pod), { uid, gracePeriodSeconds: 0 })).catch(
      (error: unknown) => {
        context.log(`pod ${pod.metadata.namespace}/${pod.metadata.name} not deleted: ${messageOf(error)}`);
      },
    );
    cleanUp();
  };
  const cleanUp = () => {
    if (placement) context.addresses.release(placement.podIP);
    for (const { name } of facts) rmSync(sandboxPath(context, uid, name), { force: true });
    rmSync(directory, { recursive: true, force: true });
    markGone();
  };
  const begin = (work: () => Promise<void>) => {
    ending ??= work().catch((error: unknown) => context.log(`end of pod ${pod.metadata.name}: ${messageOf(error)}`));
  };

  const running = run().catch((error: unknown) => {
    context.log(`pod ${pod.metadata.namespace}/${pod.metadata.name} failed on this node: ${messageOf(error)}`);
  });
  status.changed();
  if (first.metadata.deletionTimestamp !== undefined) begin(terminate);

  return {
    uid,
    gone,
    pod: () => pod,
    podIP: () => placement?.podIP,
    container: (name) => runners.get(name ?? pod.spec?.containers[0]?.name ?? ''),
    signal: (signal) => {
      for (const runner of runners.values()) runner.signal(signal);
    },
    update: (next) => {
      const labelled = JSON.stringify(next.metadata.labels) !== JSON.stringify(pod.metadata.labels);
      const annotated = JSON.stringify(next.metadata.annotations) !== JSON.stringify(pod.metadata.annotations);
      pod = next;
      if (next.metadata.deletionTimestamp !== undefined) begin(terminate);
      else if (labelled || annotated) void refresh();
    },
    removed: () => {
      if (ending) for (const runner of runners.values()) void runner.stop(0);
      begin(async () => {
        await stopAll(0);
        cleanUp();
      });
    },
    sourceChanged: (kind, name) => {
      wake();
      const names = referencedObjects(pod);
      if ((kind === 'secret' ? names.secrets : names.configMaps).has(name)) void refresh();
    },
    halt: async (grace) => {
      halted = true;
      await stopAll(grace);
    },
  };
}

const STATUS_RETRY_MS = 200;
const SIDECAR_LOOK_MS = 20;

function factsOf(pod: Stored<Pod>, now: string): ContainerFacts[] {
  const known = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const make = (init: boolean) => (container: Container) =>
    initialFacts(
      container,
      roleOf(container, init),
      known.find(({ name }) => name === container.name),
      now,
    );
  return [...(pod.spec?.initContainers ?? []).map(make(true)), ...(pod.spec?.containers ?? []).map(make(false))];
}

function isFinished(pod: Stored<Pod>): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether what ran before a restart of ours already decides the pod. */
function keepFinished(facts: readonly ContainerFacts[], pod: Stored<Pod>): boolean {
  const phase = podPhase(pod, facts);
  return phase === 'Failed' || phase === 'Succeeded';
}

function mustRun(facts: ContainerFacts, pod: Stored<Pod>): boolean {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const exit = facts.state.terminated?.exitCode;
  return exit === undefined || policy === 'Always' || (policy === 'OnFailure' && exit !== 0);
}

/** A container that never ran, or waited for its next run, when the pod ended. */
function closeFacts(facts: ContainerFacts, now: string): void {
  facts.ready = false;
  facts.started = false;
  if (facts.state.running) facts.state = { terminated: { exitCode: 137, reason: 'Error', finishedAt: now } };
  else if (facts.state.waiting && facts.lastState.terminated) facts.state = facts.lastState;
}

/** A merge patch that leaves nothing of the old values in the fields that are ours. */
function replaced(old: PodStatus | undefined, next: PodStatus): PodStatus {
  const cleared: Record<string, unknown> = {};
  for (const key of ['reason', 'message']) if (old && key in old && !(key in next)) cleared[key] = null;
  return { ...cleared, ...next };
}
