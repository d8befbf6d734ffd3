import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { OperatorIdentity } from './identity.ts';
import { decisiveParts, type InstanceReport, type Observation } from './report.ts';
import { followInstance, type InstanceTarget } from './stream.ts';

/** Streams to the instances of all clusters, and what each said last. */
export interface InstancePool {
  /** Opens and closes streams so that they fit the pods of a cluster. */
  follow(cluster: string, pods: readonly Pod[], ca: string | undefined): void;
  forget(cluster: string): void;
  observe(cluster: string): Map<string, Observation>;
  /** How an instance is reached; undefined when it is not followed. */
  target(cluster: string, instance: string): InstanceTarget | undefined;
  /** Called with the cluster whose instances say something that matters. */
  onChange(handler: (cluster: string) => void): void;
}

interface Followed {
  readonly uid: string;
  address: string;
  ca: string;
  report?: InstanceReport;
  error?: string;
  failingSince?: number;
  /** What the last report said; a stream that breaks after it changes nothing. */
  ended: boolean;
  readonly stop: AbortController;
}

/** So long a broken stream means only that nothing is known: it may be about to come back. */
const graceMs = 3_000;

export function createInstancePool(
  identity: OperatorIdentity,
  options: { now?: () => number; follow?: typeof followInstance } = {},
): InstancePool {
  const now = options.now ?? Date.now;
  const handlers = new Set<(cluster: string) => void>();
  const clusters = new Map<string, Map<string, Followed>>();

  const onChange = (cluster: string) => {
    for (const handler of handlers) handler(cluster);
  };

  const changed = (cluster: string, entry: Followed, change: () => void) => {
    const before = decisiveParts(observationOf(entry, now()));
    change();
    if (decisiveParts(observationOf(entry, now())) !== before) onChange(cluster);
  };

  function start(cluster: string, uid: string, address: string, ca: string): Followed {
    const entry: Followed = { uid, address, ca, failingSince: now(), ended: false, stop: new AbortController() };
    const streamHandlers = {
      onReport: (report: InstanceReport) =>
        changed(cluster, entry, () => {
          entry.report = report;
          entry.ended = report.postgresqlEnded === true;
          delete entry.failingSince;
          delete entry.error;
        }),
      onFailure: (error: Error) => changed(cluster, entry, () => fail(cluster, entry, error)),
    };
    const run = options.follow ?? followInstance;
    void run(() => ({ address: entry.address, ca: entry.ca }), identity, streamHandlers, entry.stop.signal);
    return entry;
  }

  function fail(cluster: string, entry: Followed, error: Error): void {
    delete entry.report;
    entry.error = error.message;
    if (entry.failingSince !== undefined) return;
    entry.failingSince = now();
    setTimeout(() => {
      if (entry.failingSince !== undefined && !entry.stop.signal.aborted) onChange(cluster);
    }, graceMs + 10).unref();
  }

  return {
    follow(cluster, pods, ca) {
      const entries = clusters.get(cluster) ?? new Map<string, Followed>();
      clusters.set(cluster, entries);
      const wanted = new Map(pods.map((pod) => [pod.metadata?.name ?? '', pod]));
      for (const [name, entry] of entries) {
        if (wanted.get(name)?.metadata?.uid === entry.uid) continue;
        entry.stop.abort();
        entries.delete(name);
      }
      for (const [name, pod] of wanted) {
        const address = pod.status?.podIP;
        const uid = pod.metadata?.uid;
        if (!address || !uid || ca === undefined) continue;
        const entry = entries.get(name);
        if (entry) Object.assign(entry, { address, ca });
        else entries.set(name, start(cluster, uid, address, ca));
      }
    },
    forget(cluster) {
      for (const entry of clusters.get(cluster)?.values() ?? []) entry.stop.abort();
      clusters.delete(cluster);
    },
    target(cluster, instance) {
      const entry = clusters.get(cluster)?.get(instance);
      return entry && { address: entry.address, ca: entry.ca };
    },
    onChange: (handler) => void handlers.add(handler),
    observe(cluster) {
      const entries = clusters.get(cluster) ?? new Map<string, Followed>();
      return new Map([...entries].map(([name, entry]) => [name, observationOf(entry, now())]));
    },
  };
}

function observationOf({ report, error, failingSince, ended }: Followed, now: number): Observation {
  if (ended) return { kind: 'ended' };
  if (report?.unavailable !== undefined) return { kind: 'unavailable', error: report.unavailable };
  if (report) return { kind: 'report', report };
  const longEnough = failingSince !== undefined && now - failingSince >= graceMs;
  return longEnough && error !== undefined ? { kind: 'unreachable', error } : { kind: 'unknown' };
}
