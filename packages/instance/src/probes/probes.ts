import type { Cluster, StrategicProbe } from '@matriarch/api';
import { isNotFound } from '@matriarch/kubernetes';
import { checkReadiness, socketPath } from '@matriarch/postgres';
import { readIfExists } from '../files/atomic.ts';
import { type Answer, type Handler, text } from '../http/router.ts';
import type { Instance } from '../instance.ts';
import { clusters } from '../kinds.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { mightBeUnavailable } from '../state.ts';
import { holdUntilPassed } from './hold.ts';
import { askPeers, decideLiveness, pingPeer } from './isolation.ts';
import { checkStrategy, type StrategyInput } from './strategy.ts';
import { failed, type ProbeResult, type ProbeStrategy, passed } from './types.ts';

/** Shorter than the kubelet's usual time limit of a probe (5 s), and than the shortest of ours. */
const holdMs = 2000;

/** Asking the API server may take this long before it counts as unreachable. */
const apiTimeoutMs = 500;

const statusPort = 8000;

export interface Probes {
  readonly startup: Handler;
  readonly readiness: Handler;
  readonly liveness: Handler;
}

export function createProbes(instance: Instance): Probes {
  return {
    startup: (request) =>
      answer(
        'startup',
        holdUntilPassed(() => startup(instance), hold(instance), request.signal),
      ),
    readiness: (request) =>
      answer(
        'readiness',
        holdUntilPassed(() => readiness(instance), hold(instance), request.signal),
      ),
    liveness: (request) => answer('liveness', liveness(instance, request.signal)),
  };
}

/** While PostgreSQL is down by our own will there is nothing to wait for. */
function hold(instance: Instance): number {
  return mightBeUnavailable(instance.state.current) ? 0 : holdMs;
}

async function answer(name: string, check: Promise<ProbeResult>): Promise<Answer> {
  const result = await check;
  return result.ok ? text(200, result.note ?? 'OK') : text(500, `${name} check failed: ${result.reason}`);
}

async function startup(instance: Instance): Promise<ProbeResult> {
  const { state, lifecycle } = instance;
  if (state.current.rewinding || mightBeUnavailable(state.current)) return { ok: true, note: 'Skipped' };
  const probe = instance.cluster.current()?.spec.probes?.startup;
  const strategy = strategyOf(probe?.type);
  if (strategy === 'pg_isready') {
    // A server that answers "not yet" has been started, however long its recovery takes.
    if (lifecycle.state === 'running') return passed;
    const readiness = await checkReadiness(socketPath(instance.options.layout.run), apiTimeoutMs);
    return readiness === 'no response' ? failed('PostgreSQL does not answer') : passed;
  }
  return checkStrategy(strategyInput(instance, probe));
}

async function readiness(instance: Instance): Promise<ProbeResult> {
  if (instance.lifecycle.state === 'down') return failed('instance is not ready yet');
  return checkStrategy(strategyInput(instance, instance.cluster.current()?.spec.probes?.readiness));
}

function strategyInput(instance: Instance, probe: StrategicProbe | undefined): StrategyInput {
  return {
    strategy: strategyOf(probe?.type),
    maximumLag: lagLimit(probe?.maximumLag),
    database: instance.database,
    // The postmaster's own word comes first and costs nothing; the question shows that it still answers.
    accepting: async () =>
      instance.lifecycle.state === 'running' &&
      (await checkReadiness(socketPath(instance.options.layout.run), apiTimeoutMs)) === 'accepting',
  };
}

function strategyOf(type: string | undefined): ProbeStrategy {
  return type === 'query' || type === 'streaming' ? type : 'pg_isready';
}

function lagLimit(value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(String(value));
  if (match === null) return undefined;
  const factors: Record<string, number> = {
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    Ki: 1024,
    Mi: 1024 ** 2,
    Gi: 1024 ** 3,
    Ti: 1024 ** 4,
  };
  return Number(match[1]) * (factors[match[2] ?? ''] ?? 1);
}

async function liveness(instance: Instance, signal: AbortSignal): Promise<ProbeResult> {
  const isPrimary = await looksPrimary(instance.options.layout.pgData);
  const reachable = isPrimary ? await apiServerAnswers(instance) : true;
  const cluster = instance.cluster.current();
  const decided = decideLiveness({
    isPrimary,
    apiServerReachable: reachable,
    cluster: cluster === undefined ? undefined : isolationView(cluster, instance.options.podName),
  });
  if (!('ask' in decided)) return decided;
  const check = cluster?.spec.probes?.liveness?.isolationCheck;
  const authority = await readIfExists(`${instance.options.layout.certificates}/server-ca.crt`);
  const options = {
    port: statusPort,
    authority,
    connectTimeoutMs: check?.connectionTimeout ?? 1000,
    requestTimeoutMs: check?.requestTimeout ?? 1000,
  };
  return askPeers(decided.ask, (peer) => pingPeer(peer, options, signal));
}

function isolationView(cluster: Cluster, podName: string) {
  const check = cluster.spec.probes?.liveness?.isolationCheck;
  const states = Object.entries(cluster.status?.instancesReportedState ?? {});
  return {
    instances: cluster.spec.instances,
    isolationCheck: check !== undefined && check.enabled !== false,
    peers: states
      .filter(([name, state]) => name !== podName && state.ip !== undefined && state.ip !== '')
      .map(([name, state]) => ({ name, address: state.ip ?? '' })),
  };
}

/** Any answer counts, a refusal too: the network is there. */
async function apiServerAnswers(instance: Instance): Promise<boolean> {
  const { namespace, clusterName } = instance.options;
  try {
    const key = { namespace, name: clusterName };
    instance.cluster.observe(await instance.client.get(clusters, key, { signal: AbortSignal.timeout(apiTimeoutMs) }));
    return true;
  } catch (error) {
    return isNotFound(error);
  }
}
