/** The volumes of one pod over its life: made at the start, as soon as all they need is there, and kept current. */
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { messageOf } from '../runtime/api.ts';
import { subjectOf } from '../runtime/events.ts';
import type { Stored } from '../runtime/resources.ts';
import { sleep } from '../runtime/time.ts';
import type { NodeContext } from './context.ts';
import type { Placement } from './downward.ts';
import { userOf } from './identity.ts';
import { type PodVolumesInput, prepareVolumes, refreshVolumes } from './pod-volumes.ts';
import { createTokenSource } from './tokens.ts';
import { referencedObjects, VolumeError } from './volume-files.ts';

export interface PodStorage {
  /** Directory of each volume; undefined when the pod ends before they are there. */
  prepare(placement: Placement): Promise<ReadonlyMap<string, string> | undefined>;
  /** A Secret or ConfigMap of the namespace changed. */
  sourceChanged(kind: 'secret' | 'configMap', name: string): void;
  /** Writes what changed into the volumes of a pod that runs. */
  refresh(): void;
}

export interface PodStorageInput {
  readonly context: NodeContext;
  readonly pod: () => Stored<Pod>;
  readonly directory: string;
  /** Ends with the pod. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** The first tries fail for what is just being made: an event for that would only be noise. */
const SILENT_TRIES = 3;

export function createPodStorage({ context, pod, directory, signal }: PodStorageInput): PodStorage {
  const { clock, log } = context;
  const tokens = createTokenSource(context.api.as(`node:${context.nodeName}`), pod, clock);
  let placed: Placement | undefined;
  let wake = () => {};
  let versions = 0;
  let timer: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });

  const input = (placement: Placement): PodVolumesInput => {
    const { metadata, spec } = pod();
    const namespace = metadata.namespace ?? '';
    return {
      pod: pod(),
      placement,
      machine: context.machine,
      directory: join(directory, 'volumes'),
      user: userOf(context.users, spec?.securityContext, spec?.containers[0]?.securityContext),
      secret: (name) => context.secrets.get({ namespace, name }),
      configMap: (name) => context.configMaps.get({ namespace, name }),
      claim: (name) => context.claims.get({ namespace, name }),
      persistentVolume: (name) => context.volumes.get({ namespace: '', name }),
      volumePath: context.volumePath,
      token: tokens.token,
      version: () => `${clock.now()}_${versions++}`,
    };
  };
  const renewTokens = () => {
    clearTimeout(timer);
    const at = tokens.renewAt();
    if (at === undefined || signal.aborted) return;
    timer = setTimeout(() => void refresh(), Math.min(Math.max(at - clock.now(), 1000), LONGEST_TIMER_MS));
    timer.unref();
  };
  const refresh = async () => {
    if (!placed || signal.aborted) return;
    try {
      await refreshVolumes(input(placed));
    } catch (error) {
      log(`volumes of ${pod().metadata.namespace}/${pod().metadata.name} not refreshed: ${messageOf(error)}`);
    }
    renewTokens();
  };
  const waitForChange = async (tries: number) => {
    const changed = new AbortController();
    wake = () => changed.abort();
    await sleep(Math.min(RETRY_MS * (tries + 1), LONGEST_RETRY_MS), AbortSignal.any([changed.signal, signal]));
  };

  return {
    prepare: async (placement) => {
      mkdirSync(join(directory, 'volumes'), { recursive: true, mode: 0o711 });
      const { user } = input(placement);
      if (user) chownSync(directory, user.uid, user.gid);
      for (let tries = 0; !signal.aborted; tries++) {
        try {
          const volumes = await prepareVolumes(input(placement));
          placed = placement;
          renewTokens();
          return volumes;
        } catch (error) {
          const subject = subjectOf(pod(), 'v1', 'Pod');
          if (tries === SILENT_TRIES) context.events.record(subject, 'Warning', 'FailedMount', messageOf(error));
          if (!(error instanceof VolumeError) && tries > 0)
            log(`volumes of ${subject.namespace}/${subject.name}: ${messageOf(error)}`);
          await waitForChange(tries);
        }
      }
      return undefined;
    },
    sourceChanged: (kind, name) => {
      wake();
      const names = referencedObjects(pod());
      if ((kind === 'secret' ? names.secrets : names.configMaps).has(name)) void refresh();
    },
    refresh: () => void refresh(),
  };
}
