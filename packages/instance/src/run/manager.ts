/**
 * `instance run`: the main program of a PostgreSQL container.
 *
 * One loop brings the instance where the Cluster wants it; everything that happens (a change of the Cluster, of the
 * postmaster, a line in PostgreSQL's log) only wakes the loop or the status feed. The process ends
 *   - after SIGTERM or SIGINT, when PostgreSQL has stopped and the lease is given back: code 0;
 *   - when PostgreSQL ended and nobody had asked for it: code 1, and the kubelet starts the container again;
 *   - when another instance holds the primary lease that we took for ours: PostgreSQL is stopped at once, code 1;
 *   - when there is no room for a WAL segment: code 4.
 * It also ends without an exit: by becoming another version of itself (update/update.ts), while PostgreSQL goes on.
 */
import type { Cluster } from '@matriarch/api';
import { readControlData } from '@matriarch/postgres';
import { guardAuthority } from '../authority/guard.ts';
import type { LocalParts } from '../http/local.ts';
import type { RemoteParts } from '../http/remote.ts';
import { managerIdentity } from '../identity.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import type { LogRecord } from '../logs/record.ts';
import { createMetrics } from '../metrics/handler.ts';
import type { InstanceOptions } from '../options.ts';
import type { LifecycleEvent } from '../postmaster/lifecycle.ts';
import { killing, stopPlan } from '../postmaster/shutdown.ts';
import { checkWalSpace, NoSpaceError, noSpaceExitCode } from '../postmaster/space.ts';
import { finalLsn } from '../primary/finalLsn.ts';
import { createProbes } from '../probes/probes.ts';
import { createLoop } from '../reconcile/loop.ts';
import { createMemory, type Memory } from '../reconcile/memory.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { clusterStopPlan } from '../reconcile/timings.ts';
import { mightBeUnavailable } from '../state.ts';
import {
  type CollectInput,
  collectStatus,
  refreshPosition,
  type StatusMemory,
  statusLimitMs,
} from '../status/collect.ts';
import { createFeed, type FeedItem, type StatusFeed } from '../status/feed.ts';
import { takeHandover } from '../update/handover.ts';
import { programFolder } from '../update/program.ts';
import { replaceManager } from '../update/replace.ts';
import { takeOver } from '../update/takeover.ts';
import { createUpdater } from '../update/update.ts';
import { type Assembled, type AssembleHooks, assemble } from './assemble.ts';
import { startParts } from './parts.ts';
import { startServers } from './servers.ts';

/** Nothing should depend on it: what nobody tells us of is found so late at most. */
const resyncMs = 30_000;

export async function runManager(options: InstanceOptions, environment: NodeJS.ProcessEnv): Promise<number> {
  const handover = await takeHandover(environment, options.layout);
  const ended = Promise.withResolvers<number>();
  const stopping = new AbortController();
  let asked = false;
  // From the first reason to end on nothing is started any more.
  const end = (code: number) => {
    asked = true;
    stopping.abort();
    ended.resolve(code);
  };
  let wake = () => {};
  let notify = () => {};
  let doubt = () => {};
  const hooks: AssembleHooks = {
    wake: () => wake(),
    onRecord: (record) => {
      if (!tellsOfReplication(record)) return;
      notify();
      doubt();
    },
    onLeaseLost: (holder) => {
      stopping.abort();
      void loseLease(assembled.instance, holder).then(() => end(1));
    },
  };
  const assembled = await assemble(options, environment, hooks, handover?.logs);
  const { instance, cluster } = assembled;
  const { logger, lifecycle } = instance;
  const parts = startParts(instance, stopping.signal);
  doubt = parts.contact.doubt;
  const memory = createMemory([], parts.archiving);
  const loop = createLoop((signal) => reconcileOrEnd(instance, memory, signal, end), logger);
  wake = loop.wake;

  const identity = await managerIdentity(options, process.argv[1]);
  const statusMemory: StatusMemory = {};
  const statusLane = instance.database.lane(statusLimitMs);
  const folder = await programFolder(process.argv[1]);
  const { archiving } = parts;
  const workerBusy = () => archiving.worker.busy;
  const updater = createUpdater({ instance, folder, hash: identity.executableHash, workerBusy });
  const collectInput = (): CollectInput => ({
    identity,
    pgData: options.layout.pgData,
    database: instance.database,
    lane: statusLane,
    state: instance.state.current,
    health: parts.health.current,
    pid: lifecycle.pid,
    memory: statusMemory,
  });
  const feed = createStatusFeed(instance, collectInput);
  notify = feed.notify;
  const remote: RemoteParts = {
    instance,
    probes: createProbes(instance),
    feed,
    collectInput,
    operatorRoutes: { ...parts.operatorRoutes, '/update': updater.route },
  };
  const local: LocalParts = {
    instance,
    collectInput,
    startBackup: parts.startBackup,
    archiveCondition: parts.archiveCondition,
  };
  const servers = await startServers(instance, remote, local, createMetrics(instance));
  memory.tlsServers.push(...servers.tls);

  lifecycle.onEvent((event) => onLifecycle(instance, event, stopping, feed, end));
  instance.state.onChange(feed.notify);
  cluster.onChange(() => {
    loop.wake();
    feed.notify();
  });
  handleSignals(instance, stopping.signal, end);
  if (!(await takeOver(instance, memory, handover, folder))) end(await exitCodeAfterCrash(instance));
  const unguard = guardAuthority(instance);
  const watching = new AbortController();
  void cluster.cache.start(watching.signal);
  const resync = setInterval(loop.wake, resyncMs);
  const running = loop.run(stopping.signal);
  const isUpdate = await Promise.race([ended.promise.then(() => false), updater.installed.then(() => true)]);
  if (isUpdate) {
    stopping.abort();
    const loopsEnded = Promise.all([running, parts.loopsEnded()]);
    const { relay } = assembled;
    await replaceManager({
      instance,
      relay,
      archiving,
      hash: identity.executableHash,
      loopsEnded,
      mustEnd: () => asked,
    });
  }
  const code = await ended.promise;

  clearInterval(resync);
  await finish(assembled, running, parts.stop);
  unguard();
  instance.peers.close();
  watching.abort();
  await servers.close();
  logger.info({ code }, 'The instance manager ends');
  return code;
}

async function reconcileOrEnd(instance: Instance, memory: Memory, signal: AbortSignal, end: (code: number) => void) {
  try {
    return await reconcile(instance, memory, signal);
  } catch (error) {
    instance.state.update({ problem: errorText(error) });
    if (error instanceof NoSpaceError) end(noSpaceExitCode);
    throw error;
  }
}

/** Records of these processes come when streaming begins or ends, and when recovery does. */
function tellsOfReplication(record: LogRecord): boolean {
  return record.backend_type === 'walreceiver' || record.backend_type === 'startup';
}

function createStatusFeed(instance: Instance, collectInput: () => CollectInput): StatusFeed {
  const guarded = async (work: () => Promise<FeedItem>): Promise<FeedItem> => {
    try {
      return await work();
    } catch (error) {
      return { error: errorText(error) };
    }
  };
  return createFeed({
    collect: () => guarded(async () => ({ status: await collectStatus(collectInput()) })),
    refresh: (last) =>
      guarded(async () =>
        mightBeUnavailable(instance.state.current) || instance.state.current.rewinding
          ? { status: await collectStatus(collectInput()) }
          : { status: await refreshPosition(collectInput(), last) },
      ),
    inTransition: () => {
      const status = instance.cluster.current()?.status;
      return status?.currentPrimary !== status?.targetPrimary;
    },
  });
}

function onLifecycle(
  instance: Instance,
  event: LifecycleEvent,
  stopping: AbortController,
  feed: StatusFeed,
  end: (code: number) => void,
): void {
  feed.notify();
  instance.wake();
  if (event.kind !== 'crashed' || stopping.signal.aborted) return;
  // What restarts it sees that it did not come back.
  if (instance.state.current.restarting) return;
  stopping.abort();
  // The last words to the operator, and the Lease: another instance need not wait for the end of this process.
  instance.state.update({ ended: true });
  instance.lease.release(undefined).catch((error: unknown) => {
    instance.logger.warn({ error: errorText(error) }, 'The primary lease could not be given back');
  });
  instance.logger.error({ code: event.exit.code, signal: event.exit.signal }, 'PostgreSQL ended by itself');
  void exitCodeAfterCrash(instance).then(end);
}

async function exitCodeAfterCrash(instance: Instance): Promise<number> {
  try {
    const { pgData } = instance.options.layout;
    await checkWalSpace(pgData, (await readControlData(pgData)).segmentSize);
    return 1;
  } catch (error) {
    return error instanceof NoSpaceError ? noSpaceExitCode : 1;
  }
}

async function loseLease(instance: Instance, holder: string): Promise<void> {
  instance.logger.error({ holder }, 'Another instance holds the primary lease: PostgreSQL is stopped at once');
  await instance.lifecycle.stop('lost-lease', killing);
}

function handleSignals(instance: Instance, stopping: AbortSignal, end: (code: number) => void): void {
  const onSignal = (signal: NodeJS.Signals) => {
    instance.logger.info({ signal }, 'Asked to end');
    // Asked twice: whoever asks has no patience for a smart shutdown.
    if (stopping.aborted) instance.lifecycle.hurry();
    end(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Whether this instance is still said to be the primary, and another one is wanted. */
function isReplaced({ status }: Cluster, podName: string): boolean {
  return status?.currentPrimary === podName && status.targetPrimary !== podName;
}

/** Stops PostgreSQL, then gives the lease back: in this order, for the next primary may write at once. */
async function finish(assembled: Assembled, loop: Promise<void>, stopParts: () => Promise<void>): Promise<void> {
  const { instance } = assembled;
  const cluster = instance.cluster.current();
  // Another instance is to take over, and waits for us: clients have had their time.
  const watched = instance.cluster.onChange((changed) => {
    if (isReplaced(changed, instance.options.podName)) instance.lifecycle.hurry();
  });
  const times = { smartShutdownTimeoutSeconds: 180, stopDelaySeconds: 1800, switchoverDelaySeconds: 3600 };
  const plan = cluster === undefined ? stopPlan('terminate', times) : clusterStopPlan(cluster, 'terminate');
  try {
    await instance.lifecycle.stop('terminate', plan);
    await loop;
    // The loop may have started PostgreSQL in the moment before it saw the end.
    await instance.lifecycle.stop('terminate', plan);
  } finally {
    watched();
    await stopParts().catch((error: unknown) =>
      instance.logger.warn({ error: errorText(error) }, 'A part did not stop'),
    );
    await instance.lease.release(await finalLsn(instance).catch(() => undefined)).catch((error: unknown) => {
      instance.logger.warn({ error: errorText(error) }, 'The primary lease could not be given back');
    });
    await instance.events.flush();
    assembled.relay.close();
  }
}
