import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { annotations, type Cluster, conditionMessages, conditionReasons, conditionTypes } from '@matriarch/api';
import { setCondition } from '../clusterStatus.ts';
import { writeIfChanged } from '../files/atomic.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import type { LifecycleState } from '../postmaster/lifecycle.ts';
import { markDone, readyFiles } from '../status/ready.ts';
import { answerAny, askAgain, holdSpoolPipes } from '../worker/pipes.ts';
import type { ArchiveTask, RestoreTask, WorkerPaths } from '../worker/protocol.ts';
import { type ArchiveMode, decideArchive, decideRestore, type RestoreMode } from './decide.ts';
import { createInterrupt } from './interrupt.ts';
import { storeConfig } from './storeConfig.ts';
import { createWorkerProcess, type WorkerProcess } from './workerProcess.ts';

export interface Archiving {
  readonly worker: WorkerProcess;
  /** Brings the worker, and what the script answers by itself, to what the Cluster says. */
  apply(cluster: Cluster): Promise<void>;
  /** Sets the condition ContinuousArchiving after an attempt; undefined = it worked. */
  report(error: string | undefined): void;
  /** Archives what a former primary still holds, before its data is changed. */
  archiveRest(cluster: Cluster, signal: AbortSignal): Promise<void>;
  /** PostgreSQL stops or starts: its commands must not keep it from stopping. */
  follow(state: LifecycleState): void;
  /** Ends the worker while PostgreSQL goes on: its commands wait for the next worker, and none is told a falsehood. */
  suspend(): Promise<void>;
  stop(): Promise<void>;
}

export function workerPaths(instance: Instance): WorkerPaths {
  const { pgData, archiveSpool, restoreSpool } = instance.options.layout;
  return { pgData, archiveSpool, restoreSpool };
}

export function createArchiving(instance: Instance): Archiving {
  let configured = '';
  let release: (() => void)[] | undefined;
  let reporting: Promise<void> = Promise.resolve();
  let storeFails = false;
  const interrupt = createInterrupt(instance.options.layout);
  let ended: Promise<void> = Promise.resolve();

  const report = (error: string | undefined) => {
    reporting = reporting
      .then(() => setCondition(instance, archivingCondition(error)))
      .catch((failure: unknown) =>
        instance.logger.warn({ error: errorText(failure) }, 'The condition ContinuousArchiving could not be set'),
      );
  };

  const worker = createWorkerProcess({
    logger: instance.loggers.named('wal-archive'),
    onArchived: () => {
      storeFails = false;
      report(undefined);
    },
    onArchiveFailed: (name, error) => {
      storeFails = true;
      interrupt.archiveFailed();
      instance.logger.error({ file: name, error }, 'A WAL file could not be archived');
      report(error);
    },
  });

  const apply = async (cluster: Cluster) => {
    const archive = decideArchive(cluster, instance.options.podName);
    const restore = decideRestore(cluster, instance.options.podName);
    if (archive.kind === 'store' || restore.kind === 'store') {
      const message = {
        kind: 'configure',
        paths: workerPaths(instance),
        archive: await archiveTask(instance, cluster, archive),
        restore: await restoreTask(instance, restore),
      } as const;
      const text = JSON.stringify(message);
      if (text !== configured) worker.configure(message);
      configured = text;
    }
    const { archiveSpool, restoreSpool } = instance.options.layout;
    release ??= await Promise.all([archiveSpool, restoreSpool].map(holdSpoolPipes));
    if (interrupt.active) return;
    await ended;
    await writeModes(instance, archive, restore);
  };

  return {
    worker,
    apply,
    report,
    async archiveRest(cluster, signal) {
      const archive = decideArchive(cluster, instance.options.podName);
      const { pgData } = instance.options.layout;
      if ((await readyFiles(pgData)).length === 0) return;
      if (cluster.spec.backup?.barmanObjectStore === undefined && archive.kind === 'discard') {
        for (const name of await readyFiles(pgData)) await markDone(pgData, name);
        return;
      }
      await worker.perform((id) => ({ kind: 'archive-all', id }), signal);
    },
    follow(state) {
      if (state === 'stopping') interrupt.begin(storeFails);
      if (state === 'down') ended = interrupt.end();
    },
    async suspend() {
      const { archiveSpool, restoreSpool } = instance.options.layout;
      const drained = await drain(worker);
      await worker.stop();
      // Requests that the worker has read and not answered are not known to the next one.
      if (!drained) for (const spool of [archiveSpool, restoreSpool]) answerAny(spool, askAgain);
    },
    async stop() {
      await worker.stop();
      for (const letGo of release ?? []) letGo();
    },
  };
}

/** An upload that takes longer is begun anew by the next worker. */
const drainMs = 5000;

/** Whether every request that the worker has read is answered. */
async function drain(worker: WorkerProcess): Promise<boolean> {
  if (!worker.running) return false;
  return worker
    .perform((id) => ({ kind: 'drain', id }), AbortSignal.timeout(drainMs))
    .then(
      () => true,
      () => false,
    );
}

async function archiveTask(instance: Instance, cluster: Cluster, mode: ArchiveMode): Promise<ArchiveTask | undefined> {
  // A former primary still has its rest to archive, although its commands are refused.
  const place = mode.kind === 'store' ? mode.place : cluster.spec.backup?.barmanObjectStore;
  if (place === undefined) return undefined;
  return {
    store: await storeConfig(place, cluster.metadata.name ?? '', instance.secrets),
    maxParallel: place.wal?.maxParallel ?? 1,
    checkEmpty: cluster.metadata.annotations?.[annotations.skipEmptyWalArchiveCheck] !== 'enabled',
  };
}

async function restoreTask(instance: Instance, mode: RestoreMode): Promise<RestoreTask | undefined> {
  if (mode.kind === 'none') return undefined;
  return {
    store: await storeConfig(mode.place, mode.server, instance.secrets),
    maxParallel: mode.place.wal?.maxParallel ?? 1,
    lastTimeline: mode.lastTimeline,
    strict: false,
  };
}

/** The script reads one word from a file; that is all it has to know of the Cluster. */
async function writeModes(instance: Instance, archive: ArchiveMode, restore: RestoreMode): Promise<void> {
  const { archiveSpool, restoreSpool } = instance.options.layout;
  await Promise.all([archiveSpool, restoreSpool].map((path) => mkdir(path, { recursive: true, mode: 0o700 })));
  const words = {
    discard: 'discard',
    store: 'worker',
    refuse: `refuse ${archive.kind === 'refuse' ? archive.reason : ''}`,
  };
  await writeIfChanged(join(archiveSpool, '.mode'), `${words[archive.kind]}\n`);
  await writeIfChanged(join(restoreSpool, '.mode'), restore.kind === 'none' ? 'none\n' : 'worker\n');
}

export function archivingCondition(error: string | undefined) {
  const type = conditionTypes.continuousArchiving;
  return error === undefined
    ? ({
        type,
        status: 'True',
        reason: conditionReasons.continuousArchivingSuccess,
        message: conditionMessages.continuousArchivingSuccess,
      } as const)
    : ({ type, status: 'False', reason: conditionReasons.continuousArchivingFailing, message: error } as const);
}
