import { join } from 'node:path';
import { type Client, createClient, createEventRecorder, inClusterConfig } from '@matriarch/kubernetes';
import { createBallot, createVoteCollector } from '../authority/ballot.ts';
import { createPeerClient } from '../authority/peers.ts';
import { createWatchdog } from '../authority/watchdog.ts';
import { type WatchedCluster, watchCluster } from '../clusterSource.ts';
import { createDatabase, type Database } from '../database.ts';
import { hostResolver } from '../hosts.ts';
import type { Instance } from '../instance.ts';
import { createPrimaryLease } from '../lease/holder.ts';
import { createLoggers, errorText, type Logger } from '../logger.ts';
import type { LogRecord } from '../logs/record.ts';
import { csvLog, jsonLog, type LogRelay, startLogRelay, type UnfinishedLogs } from '../logs/relay.ts';
import type { InstanceOptions } from '../options.ts';
import { type Environment, type Layout, resolvePath } from '../paths.ts';
import { createLifecycle } from '../postmaster/lifecycle.ts';
import { refuseWrites } from '../postmaster/quiet.ts';
import type { StopReason } from '../postmaster/shutdown.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { secretReader } from '../secrets.ts';
import { createState } from '../state.ts';
import { requestPipeOf } from '../worker/pipes.ts';

export interface Assembled {
  readonly instance: Instance;
  readonly cluster: WatchedCluster;
  readonly relay: LogRelay;
}

export interface AssembleHooks {
  readonly wake: () => void;
  readonly onRecord: (record: LogRecord) => void;
  readonly onLeaseLost: (holder: string) => void;
}

/** Builds the parts of a manager and joins them; nothing is started but the log relay. */
export async function assemble(
  options: InstanceOptions,
  environment: Environment,
  hooks: AssembleHooks,
  unfinished: UnfinishedLogs = {},
): Promise<Assembled> {
  const { namespace, clusterName, podName, layout } = options;
  const loggers = createLoggers(options.log, podName);
  const logger = loggers.named('instance-manager');
  const client = managerClient(environment);
  const database = createDatabase({ socketDirectory: layout.run });
  const relay = await startLogRelay({ directory: layout.logs, loggers, onRecord: hooks.onRecord, unfinished });
  const cluster = watchCluster(client, namespace, clusterName, (error) =>
    logger.warn({ error: errorText(error) }, 'The watch of the Cluster was interrupted'),
  );
  const now = () => performance.now();
  const peers = createPeerClient(layout);
  const instance: Instance = {
    options,
    environment,
    loggers,
    logger,
    client,
    cluster,
    secrets: secretReader(client, namespace),
    resolver: hostResolver(options.hostsFile, namespace),
    lifecycle: createLifecycle({
      logger,
      beforeStop: (reason) => beforeStop(database, layout.pgData, reason, logger),
      heldPipes: heldPipes(layout),
    }),
    database,
    state: createState(),
    lease: createPrimaryLease({
      client,
      namespace,
      name: clusterName,
      identity: podName,
      logger,
      onLost: hooks.onLeaseLost,
    }),
    ballot: createBallot(now),
    votes: createVoteCollector(peers.askVote, now, logger),
    watchdog: createWatchdog(layout, logger),
    peers,
    events: createEventRecorder(client, { component: 'instance-manager', host: podName }),
    logPath: relay.rawPath,
    wake: hooks.wake,
  };
  return { instance, cluster, relay };
}

/** Pipes through which PostgreSQL and its commands speak to whatever manager there is. */
function heldPipes({ logs, archiveSpool, restoreSpool }: Layout): string[] {
  return [join(logs, csvLog), join(logs, jsonLog), requestPipeOf(archiveSpool), requestPipeOf(restoreSpool)];
}

export function managerClient(environment: Environment): Client {
  return createClient({
    ...inClusterConfig(environment, (path) => resolvePath(path, environment)),
    userAgent: 'instance-manager',
  });
}

const checkpointPatienceMs = 60_000;

/**
 * A checkpoint while clients are still served makes the one at the end of the shutdown short. Where another instance
 * takes over, commits are let to their end. Then our own connections go, for a smart shutdown waits for every client.
 */
async function beforeStop(database: Database, pgData: string, reason: StopReason, logger: Logger): Promise<void> {
  try {
    if (await looksPrimary(pgData)) {
      const checkpoint = database.withConnection('postgres', (connection) => connection.query('CHECKPOINT'));
      const limit = new Promise<void>((resolve) => setTimeout(resolve, checkpointPatienceMs).unref());
      await Promise.race([checkpoint, limit]);
      if (reason === 'demote') await refuseWrites(database, pgData);
    }
  } catch (error) {
    logger.warn({ reason, error: errorText(error) }, 'PostgreSQL was not prepared for the shutdown');
  }
  await database.close();
}
