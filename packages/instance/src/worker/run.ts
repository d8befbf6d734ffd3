/**
 * The worker: one long-lived process beside the manager that does everything with the object store. It holds the SDK,
 * which the manager does not, and a fault of it costs no database connection. It ends when the manager does.
 */

import { type FSWatcher, watch } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Archive, archiveWal, checkEmptyArchive, openStore, restoreWal } from '@matriarch/objectstore';
import { readControlData } from '@matriarch/postgres';
import { errorText } from '../logger.ts';
import { type Archiver, createArchiver } from './archiver.ts';
import { runBackup } from './backup.ts';
import { runMaintenance } from './maintenance.ts';
import { answerText, openSpoolPipes, type SpoolPipes } from './pipes.ts';
import type { ArchiveTask, FromWorker, RestoreTask, ToWorker, WorkerPaths } from './protocol.ts';
import { createRestorer, type Restorer } from './restorer.ts';

type Send = (message: FromWorker) => void;

interface Active {
  archiver: Archiver | undefined;
  restorer: Restorer | undefined;
  paths: WorkerPaths | undefined;
  stores: Archive[];
  pipes: SpoolPipes[];
  /** Requests that are not answered yet. */
  readonly requests: Set<Promise<void>>;
}

const emptyArchiveMark = '.check-empty-wal-archive';

/** Nothing depends on it: WAL that no event told of is found so late at most. */
const lookAheadMs = 5000;

export async function runWorker(send: Send, messages: (handler: (message: ToWorker) => void) => void): Promise<void> {
  const active: Active = {
    archiver: undefined,
    restorer: undefined,
    paths: undefined,
    stores: [],
    pipes: [],
    requests: new Set(),
  };
  let watcher: FSWatcher | undefined;

  const configure = async (message: Extract<ToWorker, { kind: 'configure' }>) => {
    const { paths } = message;
    for (const archive of active.stores) archive.store.close();
    active.stores = [];
    active.archiver = message.archive === undefined ? undefined : archiverFor(paths, message.archive, active, send);
    active.restorer = message.restore === undefined ? undefined : restorerFor(paths, message.restore, active);
    if (active.paths === undefined) {
      active.paths = paths;
      active.pipes = await openPipes(paths, active, send);
    }
    watcher ??= watchReady(paths.pgData, () => void active.archiver?.runAhead());
    void active.archiver?.runAhead();
    send({ kind: 'ready' });
  };

  let configuring: Promise<void> = Promise.resolve();
  messages((message) => {
    if (message.kind === 'configure') {
      configuring = configuring
        .then(() => configure(message))
        .catch((error: unknown) => {
          send({
            kind: 'log',
            level: 'error',
            fields: { error: errorText(error) },
            message: 'The worker cannot be configured',
          });
        });
      return;
    }
    void configuring.then(() => runTask(message, active, send));
  });
  const timer = setInterval(() => void active.archiver?.runAhead(), lookAheadMs);
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
  clearInterval(timer);
  watcher?.close();
  for (const pipe of active.pipes) pipe.close();
}

async function runTask(message: Exclude<ToWorker, { kind: 'configure' }>, active: Active, send: Send): Promise<void> {
  const id = 'task' in message ? message.task.id : message.id;
  try {
    const result = await perform(message, active, send);
    send({ kind: 'done', id, result });
  } catch (error) {
    send({ kind: 'failed', id, error: errorText(error) });
  }
}

async function perform(
  message: Exclude<ToWorker, { kind: 'configure' }>,
  active: Active,
  send: Send,
): Promise<unknown> {
  switch (message.kind) {
    case 'backup':
      return runBackup(message.task, (fields, text) => send({ kind: 'log', level: 'warn', fields, message: text }));
    case 'maintain':
      return runMaintenance(message.task);
    case 'archive-all':
      return (await active.archiver?.archiveAll()) ?? 0;
    case 'drain':
      return drain(active);
  }
}

/** What is asked from now on waits in the pipes for the next worker; an upload that has begun comes to its end. */
async function drain(active: Active): Promise<void> {
  for (const pipe of active.pipes) pipe.close();
  active.pipes = [];
  const { archiver } = active;
  // The last requests still need it; nothing is uploaded ahead any more.
  while (active.requests.size > 0) await Promise.allSettled(active.requests);
  active.archiver = undefined;
  active.restorer = undefined;
  await archiver?.idle();
}

function archiverFor(paths: WorkerPaths, task: ArchiveTask, active: Active, send: Send): Archiver {
  const archive = openStore(task.store, task.maxParallel);
  active.stores.push(archive);
  const mark = join(paths.pgData, emptyArchiveMark);
  return createArchiver({
    pgData: paths.pgData,
    spool: paths.archiveSpool,
    maxParallel: task.maxParallel,
    async upload(name) {
      const marked = await exists(mark);
      if (marked && task.checkEmpty) await checkEmptyArchive(archive, task.store.serverName);
      const { tags, historyTags, wal } = task.store;
      await archiveWal(archive, join(paths.pgData, 'pg_wal', name), { ...wal, tags, historyTags });
      if (marked) await rm(mark, { force: true });
    },
    now: () => performance.now(),
    onArchived: (name) => send({ kind: 'archived', name }),
    onFailed: (name, error) => send({ kind: 'archive-failed', name, error }),
  });
}

function restorerFor(paths: WorkerPaths, task: RestoreTask, active: Active): Restorer {
  const archive = openStore(task.store, task.maxParallel);
  active.stores.push(archive);
  let size: number | undefined;
  return createRestorer({
    spool: paths.restoreSpool,
    maxParallel: task.maxParallel,
    lastTimeline: task.lastTimeline,
    strict: task.strict,
    segmentSize: async () => {
      size ??= (await readControlData(paths.pgData)).segmentSize;
      return size;
    },
    fetch: (name, destination, patience) => restoreWal(archive, name, destination, patience?.fetch, patience?.find),
    now: () => performance.now(),
  });
}

async function openPipes(paths: WorkerPaths, active: Active, send: Send): Promise<SpoolPipes[]> {
  const failed = (error: Error) =>
    send({ kind: 'log', level: 'error', fields: { error: errorText(error) }, message: 'Reading requests failed' });
  const track = (work: Promise<void>) => {
    active.requests.add(work);
    void work.finally(() => active.requests.delete(work));
  };
  await Promise.all(
    [paths.archiveSpool, paths.restoreSpool].map((path) => mkdir(path, { recursive: true, mode: 0o700 })),
  );
  const archive: SpoolPipes = await openSpoolPipes(
    paths.archiveSpool,
    ([, name = '']) => {
      const work = active.archiver?.request(name) ?? Promise.reject(new Error('no archive is configured'));
      track(
        work.then(
          () => archive.answer(name, 'ok'),
          (error: unknown) => archive.answer(name, `error ${answerText(errorText(error))}`),
        ),
      );
    },
    failed,
  );
  const restore: SpoolPipes = await openSpoolPipes(
    paths.restoreSpool,
    ([verb, name = '', ...rest]) => {
      const work = active.restorer?.request(name, rest.join(' '), verb === 'restore') ?? Promise.resolve('missing');
      track(work.then((text) => restore.answer(name, answerText(text))));
    },
    failed,
  );
  return [archive, restore];
}

/** PostgreSQL announces a finished segment by a file; knowing at once lets the upload begin before it asks. */
function watchReady(pgData: string, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(join(pgData, 'pg_wal', 'archive_status'), (_, name) => {
      if (name?.endsWith('.ready') === true) look();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // Without it the regular look finds the files.
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
