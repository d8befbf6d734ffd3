/**
 * Probes of a running container. The startup probe goes first and alone; then liveness and readiness go side by side.
 * Until the first success of the startup and of the readiness probe we look often, so that a start is seen at once; failures
 * count only as often as the probe's own period says, so that its patience stays what was written.
 */
import type { Container, Probe } from 'kubernetes-types/core/v1.d.ts';
import { sleep } from '../runtime/time.ts';
import { type ProbeTarget, runProbe } from './probe.ts';

export interface ProbeListener {
  started(): void;
  ready(value: boolean): void;
  /** The container must be restarted. */
  failed(kind: 'Liveness' | 'Startup', message: string): void;
  unhealthy(kind: 'Liveness' | 'Startup' | 'Readiness', message: string): void;
}

const EAGER_PERIOD_MS = 200;

interface Counts {
  readonly successes: number;
  readonly failures: number;
}

export function countResult(counts: Counts, ok: boolean, countsAsFailure: boolean): Counts {
  if (ok) return { successes: counts.successes + 1, failures: 0 };
  return { successes: 0, failures: counts.failures + (countsAsFailure ? 1 : 0) };
}

/** Runs until the signal ends it, or the container must be restarted. */
export async function runProbes(target: ProbeTarget, listener: ProbeListener, signal: AbortSignal): Promise<void> {
  const { startupProbe, livenessProbe, readinessProbe } = target.container;
  if (startupProbe && !(await untilStarted(startupProbe, target, listener, signal))) return;
  if (signal.aborted) return;
  listener.started();
  if (!readinessProbe) listener.ready(true);
  await Promise.all([
    livenessProbe ? watchLiveness(livenessProbe, target, listener, signal) : undefined,
    readinessProbe ? watchReadiness(readinessProbe, target, listener, signal) : undefined,
  ]);
}

function periodMs(probe: Probe): number {
  return (probe.periodSeconds ?? 10) * 1000;
}

function eagerPeriod(probe: Probe): number {
  return Math.min(EAGER_PERIOD_MS, periodMs(probe));
}

/** Yields results: eagerly until `eager` says no, then at the probe's own pace. */
async function* results(probe: Probe, target: ProbeTarget, eager: () => boolean, signal: AbortSignal) {
  await sleep((probe.initialDelaySeconds ?? 0) * 1000, signal);
  let counted = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    if (target.silence.silent) await Promise.race([target.silence.over(), aborted(signal)]);
    if (signal.aborted) return;
    const begun = performance.now();
    const { ok, message } = await runProbe(probe, target, signal);
    if (signal.aborted) return;
    if (target.silence.silent) continue;
    const counts = begun - counted >= periodMs(probe) - 1;
    if (counts) counted = begun;
    yield { ok, message, counts };
    const pause = eager() ? eagerPeriod(probe) : periodMs(probe);
    await sleep(Math.max(0, pause - (performance.now() - begun)), signal);
  }
}

async function untilStarted(probe: Probe, target: ProbeTarget, listener: ProbeListener, signal: AbortSignal) {
  let counts: Counts = { successes: 0, failures: 0 };
  for await (const result of results(probe, target, () => true, signal)) {
    counts = countResult(counts, result.ok, result.counts);
    if (result.ok) return true;
    if (result.counts) listener.unhealthy('Startup', result.message);
    if (counts.failures >= (probe.failureThreshold ?? 3)) {
      listener.failed('Startup', result.message);
      return false;
    }
  }
  return false;
}

async function watchLiveness(probe: Probe, target: ProbeTarget, listener: ProbeListener, signal: AbortSignal) {
  let counts: Counts = { successes: 0, failures: 0 };
  for await (const result of results(probe, target, () => false, signal)) {
    counts = countResult(counts, result.ok, result.counts);
    if (!result.ok) listener.unhealthy('Liveness', result.message);
    if (counts.failures >= (probe.failureThreshold ?? 3)) return listener.failed('Liveness', result.message);
  }
}

async function watchReadiness(probe: Probe, target: ProbeTarget, listener: ProbeListener, signal: AbortSignal) {
  let counts: Counts = { successes: 0, failures: 0 };
  let ready = false;
  for await (const result of results(probe, target, () => !ready, signal)) {
    counts = countResult(counts, result.ok, result.counts);
    if (!result.ok && result.counts) listener.unhealthy('Readiness', result.message);
    if (!ready && counts.successes >= (probe.successThreshold ?? 1)) {
      ready = true;
      listener.ready(true);
    } else if (ready && counts.failures >= (probe.failureThreshold ?? 3)) {
      ready = false;
      listener.ready(false);
    }
  }
}

/** Whether readiness waits for a probe at all. */
export function hasProbes({ startupProbe, livenessProbe, readinessProbe }: Container): boolean {
  return startupProbe !== undefined || livenessProbe !== undefined || readinessProbe !== undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
