import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import { backoffDelay, type Client, createClient, inClusterConfig, sleep } from '@matriarch/kubernetes';
import { type HostResolver, hostResolver } from '../hosts.ts';
import { clusters } from '../kinds.ts';
import { errorText, type Logger, type Loggers } from '../logger.ts';
import type { InstanceOptions, ParsedArguments } from '../options.ts';
import { type Environment, resolvePath } from '../paths.ts';
import { type SecretReader, secretReader } from '../secrets.ts';

/** What every bootstrap job works with. */
export interface Job {
  readonly options: InstanceOptions & ParsedArguments;
  readonly environment: Environment;
  /** `pg_wal` goes here; undefined = into the data directory. */
  readonly walDirectory: string | undefined;
  readonly loggers: Loggers;
  readonly logger: Logger;
  readonly client: Client;
  readonly secrets: SecretReader;
  readonly resolver: HostResolver;
  readonly cluster: Cluster;
  /** Fires when the pod is told to end. */
  readonly signal: AbortSignal;
}

export interface JobInput {
  readonly options: Job['options'];
  readonly loggers: Loggers;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** Connects to the API server, and waits until the Cluster can be read. */
export async function openJob({ options, loggers, environment, signal }: JobInput): Promise<Job> {
  const logger = loggers.named('instance-manager');
  const client = createClient(inClusterConfig(environment, (path) => resolvePath(path, environment)));
  return {
    options,
    environment,
    walDirectory: await walDirectory(options.flags.get('pg-wal'), environment),
    loggers,
    logger,
    client,
    secrets: secretReader(client, options.namespace),
    resolver: hostResolver(options.hostsFile, options.namespace),
    cluster: await waitForCluster(client, options, logger, signal),
    signal,
  };
}

const readPause = { base: 100, max: 5000 };
const readTimeoutMs = 10_000;

/** The job's rights and the network may come a moment after its pod, so a refusal is no reason to give up. */
async function waitForCluster(
  client: Client,
  options: InstanceOptions,
  logger: Logger,
  signal: AbortSignal,
): Promise<Cluster> {
  const key = { namespace: options.namespace, name: options.clusterName };
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await client.get(clusters, key, { signal: AbortSignal.any([signal, AbortSignal.timeout(readTimeoutMs)]) });
    } catch (error) {
      logger.warn({ cluster: key, error: errorText(error) }, 'The Cluster cannot be read yet');
      await sleep(backoffDelay(readPause, failures), signal);
    }
  }
}

/**
 * The path on the volume itself: the link in the data directory must hold in every pod that gets the volume, and pods
 * that share one file system have the volume at different paths.
 */
async function walDirectory(flag: string | undefined, environment: Environment): Promise<string | undefined> {
  if (flag === undefined || flag === '') return undefined;
  const path = resolvePath(flag, environment);
  return join(await realpath(dirname(path)), basename(path));
}
