// Times and limits that hold when the cluster does not say them; all in seconds.
import { durationMs, durationSeconds } from '../../values/duration.ts';
import type { Cluster } from '../kind.ts';
import type { Probes } from '../schema/probes.ts';
import type { PrimaryLease } from '../schema/replication.ts';
import { isReplicaCluster } from './roles.ts';

const positive = (value: number | undefined, otherwise: number) =>
  value !== undefined && value > 0 ? value : otherwise;

export const startDelay = (cluster: Cluster): number => positive(cluster.spec.startDelay, 3600);
export const stopDelay = (cluster: Cluster): number => positive(cluster.spec.stopDelay, 1800);
export const switchoverDelay = (cluster: Cluster): number => positive(cluster.spec.switchoverDelay, 3600);
export const smartShutdownTimeout = (cluster: Cluster): number => cluster.spec.smartShutdownTimeout ?? 180;
export const failoverDelay = (cluster: Cluster): number => cluster.spec.failoverDelay ?? 0;
/** How long a restart may take. */
export const restartTimeout = (cluster: Cluster): number => startDelay(cluster) + stopDelay(cluster);

/** How long a promotion may take; without a setting more than a year. */
export function promotionTimeout(cluster: Cluster): number {
  const value = cluster.spec.postgresql?.promotionTimeout ?? 0;
  return value === 0 ? 40_000_000 : value;
}

export function primaryLease(cluster: Cluster): Required<PrimaryLease> {
  const lease = cluster.spec.primaryLease;
  return {
    leaseDurationSeconds: lease?.leaseDurationSeconds ?? 15,
    renewDeadlineSeconds: lease?.renewDeadlineSeconds ?? 10,
    retryPeriodSeconds: lease?.retryPeriodSeconds ?? 2,
    releasedLeaseDurationSeconds: lease?.releasedLeaseDurationSeconds ?? 1,
  };
}

/** Seconds between two updates of the replication slots on a standby. */
export const slotUpdateInterval = (cluster: Cluster): number =>
  positive(cluster.spec.replicationSlots?.updateInterval, 30);

/** How long results of metric queries are reused. */
export const metricsQueriesTtlMs = (cluster: Cluster): number =>
  durationMs(cluster.spec.monitoring?.metricsQueriesTTL ?? '') ?? 30_000;

/** How old changes must be before a replica cluster applies them; 0: at once. */
export const minApplyDelay = (cluster: Cluster): number =>
  isReplicaCluster(cluster) ? (durationSeconds(cluster.spec.replica?.minApplyDelay ?? '') ?? 0) : 0;

export interface ProbeTiming {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold?: number;
  readonly successThreshold?: number;
  readonly initialDelaySeconds?: number;
  readonly terminationGracePeriodSeconds?: number;
}

const failuresWithin = (seconds: number, period: number) => (seconds <= period ? 1 : Math.ceil(seconds / period));

/** The timing of a probe: fields of the cluster that are not zero, and defaults. */
export function probeTiming(cluster: Cluster, probe: keyof Probes): ProbeTiming {
  const own = cluster.spec.probes?.[probe];
  const periodSeconds = own?.periodSeconds || 10;
  const timing: ProbeTiming = { periodSeconds, timeoutSeconds: own?.timeoutSeconds || 5 };
  const failureThreshold = own?.failureThreshold || derivedFailureThreshold(cluster, probe, periodSeconds);
  return {
    ...timing,
    ...(failureThreshold ? { failureThreshold } : {}),
    ...(own?.successThreshold ? { successThreshold: own.successThreshold } : {}),
    ...(own?.initialDelaySeconds ? { initialDelaySeconds: own.initialDelaySeconds } : {}),
    ...(own?.terminationGracePeriodSeconds ? { terminationGracePeriodSeconds: own.terminationGracePeriodSeconds } : {}),
  };
}

function derivedFailureThreshold(cluster: Cluster, probe: keyof Probes, period: number): number | undefined {
  if (probe === 'startup') return failuresWithin(startDelay(cluster), period);
  const { livenessProbeTimeout } = cluster.spec;
  if (probe === 'liveness' && livenessProbeTimeout !== undefined) return failuresWithin(livenessProbeTimeout, period);
  return undefined;
}
