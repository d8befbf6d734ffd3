/**
 * Watches the volumes of this instance and keeps its PostgreSQL from filling them (docs/decisions/0010-full-volumes.md).
 *
 * It runs beside the reconcile loop, which may be waiting for others: measure, decide, act, each look on its own. The
 * manager's state tells the result to the status, the metrics and the configuration files.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, clusterEvents, conditionTypes } from '@matriarch/api';
import { readControlData } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { createCheckpointer, restrain } from './act.ts';
import type { WalFacts } from './cause.ts';
import {
  isExhausted,
  isWorse,
  type Level,
  nextLevel,
  pauseBefore,
  type Restraint,
  restraintOf,
  unmeasured,
  type VolumeLevel,
  type VolumeSpace,
} from './levels.ts';
import { measureVolumes, walFacts, walVolumeOf } from './observe.ts';
import { reportOf, type SpaceReport } from './report.ts';
import { createReserve } from './reserve.ts';
import type { Spared } from './restraint.ts';

const longestPauseMs = 1000;
const laneLimitMs = 5000;
const factsEveryMs = 10_000;
const lastSegments = 3;
const settledAfterMs = 10_000;
const checkpointEveryMs: Readonly<Record<Level, number>> = {
  roomy: Number.POSITIVE_INFINITY,
  low: 30_000,
  stopped: 10_000,
  closed: 10_000,
};

export async function guardSpace(instance: Instance, signal: AbortSignal): Promise<void> {
  const look = createLook(instance);
  // A volume that hangs must not keep the manager from ending.
  const aborted = new Promise<number>((resolve) =>
    signal.addEventListener('abort', () => resolve(longestPauseMs), { once: true }),
  );
  let lastError = '';
  while (!signal.aborted) {
    let pauseMs = longestPauseMs;
    try {
      pauseMs = await Promise.race([look(), aborted]);
      lastError = '';
    } catch (error) {
      // The same error look after look is told once.
      if (errorText(error) !== lastError) {
        instance.logger.warn({ error: errorText(error) }, 'The free space could not be looked after');
      }
      lastError = errorText(error);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether the last WAL segments are all that is left. */
function atStake(volumes: readonly { readonly space: VolumeSpace }[]): boolean {
  return volumes.some(({ space }) => space.vital && space.availableBytes < lastSegments * space.segmentBytes);
}

/** Looks once; resolves to how long to wait before the next look. */
function createLook(instance: Instance): () => Promise<number> {
  const lane = instance.database.lane(laneLimitMs);
  const reserve = createReserve(instance.logger);
  const checkpoint = createCheckpointer(instance);
  const levels = new Map<string, VolumeLevel>();
  let segmentBytes: number | undefined;
  /** What the running server was told last; undefined = not known. */
  let inForce: Restraint | undefined;
  let runningSince: number | undefined;
  let facts: { readonly atMs: number; readonly value: WalFacts | undefined } | undefined;

  const measure = async (): Promise<{ space: VolumeSpace; level: Level }[]> => {
    const { pgData } = instance.options.layout;
    segmentBytes ??= (await readControlData(pgData)).segmentSize;
    const measured = await measureVolumes(instance, lane, segmentBytes);
    return measured.map((space) => {
      const next = nextLevel(space, levels.get(space.name) ?? unmeasured, performance.now());
      levels.set(space.name, next);
      return { space, level: next.level };
    });
  };

  const refreshFacts = async (wal: VolumeSpace | undefined) => {
    if (facts !== undefined && performance.now() - facts.atMs < factsEveryMs) return;
    const value = wal === undefined ? undefined : await walFacts(instance, lane, wal);
    facts = { atMs: performance.now(), value };
  };

  const enforce = async (restraint: Restraint, spared: Spared) => {
    if (restraint === 'none' && inForce === 'none') return;
    try {
      await restrain(instance, lane, restraint, spared);
      inForce = restraint;
    } catch (error) {
      inForce = undefined;
      instance.logger.warn({ restraint, error: errorText(error) }, 'The restraint could not be put into force');
    }
  };

  return async () => {
    const volumes = await measure();
    const role = (await looksPrimary(instance.options.layout.pgData)) ? 'primary' : 'standby';
    const restraint = restraintOf(
      volumes.map(({ level }) => level),
      role,
    );
    instance.state.update({ restraint });
    const running = instance.lifecycle.state === 'running';
    runningSince = running ? (runningSince ?? performance.now()) : undefined;
    const settled = runningSince !== undefined && performance.now() - runningSince >= settledAfterMs;
    for (const { space, level } of volumes) await reserve.keep(space, level, settled ? 'settled' : 'starting');
    if (running) await enforce(restraint, atStake(volumes) ? 'manager' : 'superuser');
    // The next start writes the files anew.
    else inForce = undefined;
    const walVolume = walVolumeOf(instance.cluster.current());
    const wal = volumes.find(({ space }) => space.name === (walVolume ? 'WAL' : 'PGDATA'));
    const worst = volumes.reduce<Level>((worse, { level }) => (isWorse(level, worse) ? level : worse), 'roomy');
    if (running && worst !== 'roomy') {
      if (!volumes.some(({ space }) => space.vital && isExhausted(space))) checkpoint(checkpointEveryMs[worst]);
      await refreshFacts(wal?.space);
    }
    tell(instance, reportOf({ podName: instance.options.podName, volumes, restraint, facts: facts?.value, walVolume }));
    return Math.min(
      longestPauseMs,
      ...volumes.map(({ space }) => pauseBefore(space, levels.get(space.name) ?? unmeasured)),
    );
  };
}

/** The report changes with the level only, and with it the condition; the figures of the moment are in the metrics. */
function tell(instance: Instance, report: SpaceReport | undefined): void {
  const { state, logger } = instance;
  const before = state.current.space;
  if (before?.level === report?.level) return;
  state.update({ space: report });
  logger.warn({ level: report?.level ?? 'roomy', message: report?.message }, 'The level of free space changed');
  record(instance, before, report);
}

const reasons = {
  low: clusterEvents.diskSpaceLow,
  stopped: clusterEvents.writesStopped,
  closed: clusterEvents.connectionsRefused,
} as const;

function isTold({ status }: Cluster, podName: string, reason: string): boolean {
  const condition = status?.conditions?.find(({ type }) => type === conditionTypes.diskSpace);
  return condition?.reason === reason && condition.message.includes(podName);
}

/** One event for each crossing; a manager that starts in the middle of one says nothing that is said already. */
function record(
  { cluster, events, options }: Instance,
  before: SpaceReport | undefined,
  report: SpaceReport | undefined,
): void {
  const current = cluster.current();
  if (current === undefined) return;
  if (report !== undefined) {
    if (before !== undefined || !isTold(current, options.podName, reasons[report.level]))
      events.event(current, 'Warning', reasons[report.level], report.message);
    return;
  }
  if (before === undefined) return;
  const wrote = before.level === 'low' ? '' : ', and writes are accepted again';
  events.event(
    current,
    'Normal',
    clusterEvents.diskSpaceSufficient,
    `${options.podName} has space on its volumes again${wrote}`,
  );
}
