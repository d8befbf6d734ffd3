import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { eventSource } from '@matriarch/api';
import {
  type Client,
  type ClientConfig,
  createClient,
  createEventRecorder,
  electLeader,
  inClusterConfig,
  isNotFound,
  loadKubeconfig,
} from '@matriarch/kubernetes';
import { startBackupController } from './backup/controller.ts';
import { createClusterController } from './cluster/controller.ts';
import { loadConfig, unknownKeys } from './config/load.ts';
import type { OperatorConfig } from './config/schema.ts';
import { createIdentity } from './instances/identity.ts';
import { createInstancePool } from './instances/pool.ts';
import { kinds } from './kinds.ts';
import { createLogger, type Logger } from './log.ts';
import { findManagerProgram } from './manager/program.ts';
import { createMetrics } from './metrics/registry.ts';
import { serveMetrics } from './metrics/server.ts';
import { type ControllerOptions, parseOptions } from './options.ts';
import { createCaches, startCaches } from './runtime/caches.ts';
import type { Operator } from './runtime/context.ts';
import { discover } from './runtime/discovery.ts';
import { startScheduledBackupController } from './scheduledbackup/controller.ts';
import { admissionHandlers } from './webhooks/admission.ts';
import { startWebhooks } from './webhooks/index.ts';

type Env = Readonly<Record<string, string | undefined>>;

const leaseName = 'db9c8771.cnpg.io';

/** Runs the operator until it is asked to stop; the result is the exit code. */
export async function runOperator(args: readonly string[], env: Env): Promise<number> {
  let options: ControllerOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const { levelField, timeField } = options;
  const log = createLogger({
    level: options.logLevel,
    ...(levelField ? { levelField } : {}),
    ...(timeField ? { timeField } : {}),
  });
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));
  try {
    await run(options, env, log, stop.signal);
    return stop.signal.aborted ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    log.error({ error }, 'The operator cannot go on');
    return 1;
  }
}

async function run(options: ControllerOptions, env: Env, log: Logger, signal: AbortSignal): Promise<void> {
  const clientConfig = options.kubeconfig
    ? loadKubeconfig({ path: options.kubeconfig })
    : inClusterConfig(env, sandboxPath(env));
  const client = createClient({ ...clientConfig, userAgent: 'cloudnative-pg' });
  const config = await readConfig(client, options, env, clientConfig, log);
  const identity = createIdentity(hostname() || 'cloudnative-pg-operator', Date.now());
  const events = createEventRecorder(client, { component: eventSource }, { onError: logEventError(log) });
  const caches = createCaches(client, { namespaces: config.watchNamespaces, log });
  const host = env.MATRIARCH_BIND_ADDRESS;
  const metrics = createMetrics({
    controllers: ['cluster', 'backup', 'scheduled-backup'],
    webhooks: Object.keys(admissionHandlers(config)),
  });
  const [discovered, program] = await Promise.all([
    discover(client, log, signal),
    findManagerProgram(process.argv[1]),
    startCaches(caches, signal),
    serveMetrics(metrics, { port: options.metricsPort, ...(host ? { host } : {}) }, signal),
    startWebhooks(
      { client, config, log, metrics, now: Date.now },
      { port: options.webhookPort, ...(host ? { host } : {}) },
      signal,
    ),
  ]);
  const instances = createInstancePool(identity);
  const operator = {
    client,
    caches,
    config,
    identity,
    metrics,
    instances,
    program,
    discovered,
    log,
    now: Date.now,
    events,
  };
  log.info({ namespaces: config.watchNamespaces }, 'Ready to work');
  const lead = (leading: AbortSignal) => work(operator, options.maxConcurrentReconciles, leading);
  if (!options.leaderElect) return lead(signal);
  const onError = (error: unknown) => log.warn({ error }, 'Leader election');
  const election = {
    name: leaseName,
    namespace: config.operatorNamespace,
    identity: `${hostname()}_${randomUUID()}`,
    lead,
    onError,
  };
  await electLeader(client, election, signal);
}

/** Runs all controllers until the signal fires. */
async function work(operator: Operator, workers: number, signal: AbortSignal): Promise<void> {
  operator.log.info('Leading');
  operator.metrics.leading(true);
  await Promise.all([
    createClusterController(operator, { workers }).start(signal),
    startBackupController(operator, signal),
    startScheduledBackupController(operator, signal),
  ]);
  await operator.events.flush();
}

const logEventError = (log: Logger) => (error: unknown) => log.warn({ error }, 'An event could not be written');

/** In a pod that shares its file system, container paths lie below the sandbox mount point. */
function sandboxPath(env: Env): (path: string) => string {
  const root = env.CONTAINER_SANDBOX_MOUNT_POINT;
  return (path) => (root ? `${root}${path}` : path);
}

async function readConfig(
  client: Client,
  options: ControllerOptions,
  env: Env,
  clientConfig: ClientConfig,
  log: Logger,
): Promise<OperatorConfig> {
  const operatorNamespace = env.OPERATOR_NAMESPACE || clientConfig.namespace;
  const map = await readData(
    () => client.get(kinds.configMaps, { name: options.configMapName, namespace: operatorNamespace }),
    options.configMapName,
  );
  const secret = await readData(
    () => client.get(kinds.secrets, { name: options.secretName, namespace: operatorNamespace }),
    options.secretName,
  );
  const decoded = Object.fromEntries(
    Object.entries(secret).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
  for (const unknown of [...unknownKeys(map), ...unknownKeys(decoded)]) log.warn(unknown, 'Unknown setting');
  return { ...loadConfig([env, map, decoded]), operatorNamespace };
}

async function readData(
  get: () => Promise<{ data?: Record<string, string> }>,
  name: string,
): Promise<Record<string, string>> {
  if (name === '') return {};
  try {
    return (await get()).data ?? {};
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
}
