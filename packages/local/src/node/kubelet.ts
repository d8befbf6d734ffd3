/** The pods of one node. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Cache } from '../runtime/cache.ts';
import type { Stored } from '../runtime/resources.ts';
import { sleep } from '../runtime/time.ts';
import type { NodeContext } from './context.ts';
import { heartbeat } from './node-object.ts';
import { createPodRunner, type PodRunner } from './pod-runner.ts';
import type { SilenceSwitch } from './silence.ts';

export interface Kubelet {
  readonly nodeName: string;
  /** Begins to run the pods that are bound to the node, and to renew its Lease. */
  up(): void;
  /** As when a machine loses power: no more heartbeat, all processes killed, nothing told to the API server. */
  down(): Promise<void>;
  /** Ends all processes as a machine does that is shut down; the objects stay. */
  shutdown(graceMs: number): Promise<void>;
  runner(uid: string): PodRunner | undefined;
  /** To be called for each change of a pod that is, or was, bound to this node. */
  podChanged(pod: Stored<Pod> | undefined, previous: Stored<Pod> | undefined): void;
  sourceChanged(kind: 'secret' | 'configMap', namespace: string, name: string): void;
  /** Begins or ends the silence of the node; what changed meanwhile is taken up at its end. */
  setSilent(silent: boolean): void;
}

const SECOND_SIGNAL_MS = 1000;

export function createKubelet(
  context: NodeContext,
  pods: Cache<Pod>,
  silence: SilenceSwitch,
  register: () => Promise<void>,
): Kubelet {
  const runners = new Map<string, PodRunner>();
  let alive: AbortController | undefined;

  const add = (pod: Stored<Pod>) => {
    const runner = createPodRunner(context, pod);
    runners.set(runner.uid, runner);
    void runner.gone.then(() => {
      if (runners.get(runner.uid) === runner) runners.delete(runner.uid);
    });
  };
  const here = (pod: Stored<Pod> | undefined): pod is Stored<Pod> => pod?.spec?.nodeName === context.nodeName;
  const take = (pod: Stored<Pod>) => {
    const runner = runners.get(pod.metadata.uid);
    if (runner) runner.update(pod);
    else add(pod);
  };
  const halt = async (graceMs: number) => {
    alive?.abort();
    alive = undefined;
    const all = [...runners.values()];
    const done = Promise.all(all.map((runner) => runner.halt(graceMs)));
    // Nobody may wait for the end of a silence now.
    silence.set(false);
    if (graceMs > SECOND_SIGNAL_MS) {
      const finished = new AbortController();
      void done.then(() => finished.abort());
      await sleep(SECOND_SIGNAL_MS, finished.signal);
      // A second SIGTERM tells programs that wait for their clients to wait no longer.
      if (!finished.signal.aborted) for (const runner of all) runner.signal('SIGTERM');
    }
    await done;
    runners.clear();
  };

  return {
    nodeName: context.nodeName,
    up: () => {
      if (alive) return;
      alive = new AbortController();
      void heartbeat({ ...context, name: context.nodeName, silence, register }, alive.signal);
      for (const pod of pods.list()) if (here(pod)) add(pod);
    },
    down: () => halt(0),
    shutdown: halt,
    runner: (uid) => runners.get(uid),
    podChanged: (pod, previous) => {
      if (!alive || silence.silent) return;
      if (previous && previous.metadata.uid !== pod?.metadata.uid) runners.get(previous.metadata.uid)?.removed();
      if (here(pod)) take(pod);
    },
    setSilent: (silent) => {
      if (silent === silence.silent) return;
      context.log(`node ${context.nodeName} ${silent ? 'is silent' : 'speaks again'}`);
      silence.set(silent);
      if (silent || !alive) return;
      const current = pods.list().filter(here);
      for (const [uid, runner] of runners) {
        if (!current.some(({ metadata }) => metadata.uid === uid)) runner.removed();
      }
      for (const pod of current) take(pod);
    },
    sourceChanged: (kind, namespace, name) => {
      for (const runner of runners.values()) {
        if (runner.pod().metadata.namespace === namespace) runner.sourceChanged(kind, name);
      }
    },
  };
}
