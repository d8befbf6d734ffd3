/** What a Job wants next. Pure. */
import type { Job, JobCondition, JobStatus } from 'kubernetes-types/batch/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { timestamp } from '../runtime/time.ts';
import { isPodActive, isPodReady } from './common.ts';

export const TRACKING = 'batch.kubernetes.io/job-tracking';

const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 360_000;

export interface JobPlan {
  readonly status: JobStatus;
  /** Pods that are counted as soon as the status is written, and lose their finalizer then. */
  readonly release: readonly Stored<Pod>[];
  readonly create: number;
  readonly remove: readonly Stored<Pod>[];
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
  /** Milliseconds until there is something to decide again. */
  readonly again?: number;
}

export function isJobFinished(job: Stored<Job>): boolean {
  return (job.status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

function hasFinalizer(pod: Stored<Pod>): boolean {
  return pod.metadata.finalizers?.includes(TRACKING) ?? false;
}

interface Tally {
  readonly succeeded: number;
  readonly failed: number;
  readonly uncounted: NonNullable<JobStatus['uncountedTerminatedPods']>;
  readonly release: Stored<Pod>[];
}

/**
 * Every finished pod is counted once: its uid goes into `uncountedTerminatedPods` first, then the pod loses its finalizer, and
 * only then does the uid become part of the count. A crash between two steps leaves enough to go on.
 */
function tally(job: Stored<Job>, pods: readonly Stored<Pod>[]): Tally {
  const { succeeded = 0, failed = 0, uncountedTerminatedPods } = job.status ?? {};
  const held = new Map(pods.filter(hasFinalizer).map((pod) => [pod.metadata.uid, pod]));
  const known = {
    succeeded: uncountedTerminatedPods?.succeeded ?? [],
    failed: uncountedTerminatedPods?.failed ?? [],
  };
  const still = (uids: readonly string[]) => uids.filter((uid) => held.has(uid));
  const listed = new Set([...known.succeeded, ...known.failed]);
  const fresh = [...held.values()].filter(({ metadata }) => !listed.has(metadata.uid));
  const finished = (pod: Stored<Pod>, phase: string) => pod.status?.phase === phase;
  const newSucceeded = fresh.filter((pod) => finished(pod, 'Succeeded'));
  const newFailed = fresh.filter(
    (pod) => finished(pod, 'Failed') || (pod.metadata.deletionTimestamp !== undefined && !finished(pod, 'Succeeded')),
  );
  const waitingSucceeded = [...still(known.succeeded), ...newSucceeded.map(({ metadata }) => metadata.uid)];
  const waitingFailed = [...still(known.failed), ...newFailed.map(({ metadata }) => metadata.uid)];
  return {
    succeeded: succeeded + known.succeeded.length - still(known.succeeded).length,
    failed: failed + known.failed.length - still(known.failed).length,
    uncounted: {
      ...(waitingSucceeded.length > 0 ? { succeeded: waitingSucceeded } : {}),
      ...(waitingFailed.length > 0 ? { failed: waitingFailed } : {}),
    },
    release: [...waitingSucceeded, ...waitingFailed].flatMap((uid) => held.get(uid) ?? []),
  };
}

function restartsOf(pods: readonly Stored<Pod>[]): number {
  return pods.reduce(
    (sum, pod) => sum + (pod.status?.containerStatuses ?? []).reduce((own, { restartCount }) => own + restartCount, 0),
    0,
  );
}

interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason?: string;
  readonly message?: string;
}

function verdictOf(
  job: Stored<Job>,
  totals: { succeeded: number; failed: number; active: number },
  pods: readonly Stored<Pod>[],
  now: number,
): Verdict | undefined {
  const { completions, backoffLimit = 6, activeDeadlineSeconds, template } = job.spec ?? { template: {} };
  const restarts = template.spec?.restartPolicy === 'OnFailure' ? restartsOf(pods.filter(isPodActive)) : 0;
  if (totals.failed > backoffLimit || (restarts > 0 && restarts >= Math.max(1, backoffLimit))) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  const started = job.status?.startTime;
  if (
    activeDeadlineSeconds !== undefined &&
    started !== undefined &&
    now >= Date.parse(started) + activeDeadlineSeconds * 1000
  ) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  const enough =
    completions === undefined ? totals.succeeded > 0 && totals.active === 0 : totals.succeeded >= completions;
  return enough ? { type: 'Complete' } : undefined;
}

/** When the next pod may be made after failures: 10 s after the first, doubling. */
function backoffUntil(pods: readonly Stored<Pod>[], failed: number): number {
  if (failed === 0) return 0;
  const ends = pods.flatMap((pod) =>
    (pod.status?.containerStatuses ?? []).flatMap(({ state }) => Date.parse(state?.terminated?.finishedAt ?? '') || []),
  );
  return ends.length === 0 ? 0 : Math.max(...ends) + Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failed - 1));
}

function finishedPlan(
  job: Stored<Job>,
  counted: Tally,
  verdict: Verdict,
  active: readonly Stored<Pod>[],
  now: number,
): JobPlan {
  const time = timestamp(now);
  const condition: JobCondition = { ...verdict, status: 'True', lastProbeTime: time, lastTransitionTime: time };
  const { startTime = time, conditions = [] } = job.status ?? {};
  // The condition comes last: only when every pod is counted is the Job over.
  const settled = counted.release.length === 0;
  const status: JobStatus = {
    ...(settled ? { conditions: [...conditions, condition] } : conditions.length > 0 ? { conditions } : {}),
    startTime,
    ...(settled && verdict.type === 'Complete' ? { completionTime: time } : {}),
    ...(counted.succeeded > 0 ? { succeeded: counted.succeeded } : {}),
    ...(counted.failed > 0 ? { failed: counted.failed } : {}),
    uncountedTerminatedPods: counted.uncounted,
    ready: 0,
  };
  const event =
    verdict.type === 'Complete'
      ? { type: 'Normal' as const, reason: 'Completed', message: 'Job completed' }
      : { type: 'Warning' as const, reason: verdict.reason ?? '', message: verdict.message ?? '' };
  return { status, release: counted.release, create: 0, remove: active, ...(settled ? { event } : {}) };
}

export function planJob(job: Stored<Job>, pods: readonly Stored<Pod>[], now: number): JobPlan {
  const counted = tally(job, pods);
  const active = pods.filter(isPodActive);
  const waiting = counted.uncounted;
  const totals = {
    succeeded: counted.succeeded + (waiting.succeeded?.length ?? 0),
    failed: counted.failed + (waiting.failed?.length ?? 0),
    active: active.length,
  };
  if (isJobFinished(job)) {
    return {
      status: { ...job.status, uncountedTerminatedPods: counted.uncounted },
      release: counted.release,
      create: 0,
      remove: [],
    };
  }
  const verdict = verdictOf(job, totals, pods, now);
  if (verdict) return finishedPlan(job, counted, verdict, active, now);

  const { parallelism = 1, completions, suspend = false, activeDeadlineSeconds } = job.spec ?? {};
  const openCompletions = completions === undefined ? parallelism : completions - totals.succeeded;
  const wanted = suspend
    ? 0
    : completions === undefined && totals.succeeded > 0
      ? active.length
      : Math.min(parallelism, openCompletions);
  const until = backoffUntil(pods, totals.failed);
  const missing = Math.max(0, wanted - active.length);
  const create = until > now ? 0 : missing;
  const startTime = job.status?.startTime ?? (suspend ? undefined : timestamp(now));
  const conditions = suspendCondition(job, suspend, now);
  const alive = Math.max(Math.min(active.length, wanted), 0) + create;
  const deadline =
    activeDeadlineSeconds === undefined || startTime === undefined
      ? undefined
      : Date.parse(startTime) + activeDeadlineSeconds * 1000 - now;
  const again = Math.min(
    missing > 0 && until > now ? until - now : Number.POSITIVE_INFINITY,
    deadline ?? Number.POSITIVE_INFINITY,
  );
  return {
    status: {
      ...(conditions.length > 0 ? { conditions } : {}),
      ...(startTime === undefined ? {} : { startTime }),
      ...(alive > 0 ? { active: alive } : {}),
      ...(counted.succeeded > 0 ? { succeeded: counted.succeeded } : {}),
      ...(counted.failed > 0 ? { failed: counted.failed } : {}),
      uncountedTerminatedPods: counted.uncounted,
      ready: active.filter(isPodReady).length,
    },
    release: counted.release,
    create,
    remove: active.slice(wanted),
    ...(again === Number.POSITIVE_INFINITY ? {} : { again }),
  };
}

function suspendCondition(job: Stored<Job>, suspend: boolean, now: number): JobCondition[] {
  const known = job.status?.conditions ?? [];
  const current = known.find(({ type }) => type === 'Suspended');
  const status = suspend ? 'True' : 'False';
  if (current ? current.status === status : !suspend) return known;
  const time = timestamp(now);
  const condition: JobCondition = {
    type: 'Suspended',
    status,
    reason: suspend ? 'JobSuspended' : 'JobResumed',
    message: suspend ? 'Job suspended' : 'Job resumed',
    lastProbeTime: time,
    lastTransitionTime: time,
  };
  return [...known.filter(({ type }) => type !== 'Suspended'), condition];
}
