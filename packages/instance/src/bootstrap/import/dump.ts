import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { renderConninfo, runProgram } from '@matriarch/postgres';
import type { ImportContext } from './import.ts';

const sections = ['pre-data', 'data', 'post-data'] as const;
type Section = (typeof sections)[number];

/** Dumps and restores of large databases take days; what hangs is ended with the pod. */
const timeoutMs = 2 ** 31 - 1;

const wanted = ({ spec }: ImportContext): readonly Section[] =>
  sections.filter((section) => section !== 'data' || spec.schemaOnly !== true);

const dumpPath = ({ folder }: ImportContext, database: string): string =>
  join(folder, `${encodeURIComponent(database)}.dump`);

export async function dumpDatabase(context: ImportContext, database: string): Promise<void> {
  const { job, spec, source, folder } = context;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await runProgram(
    'pg_dump',
    [
      '-Fd',
      '-v',
      '-f',
      dumpPath(context, database),
      // Passwords are in a file that the connection string names.
      '-d',
      renderConninfo({ ...source, dbname: database }),
      ...wanted(context).map((section) => `--section=${section}`),
      ...(spec.pgDumpExtraOptions ?? []),
    ],
    { timeoutMs, onLine: (pipe, line) => job.loggers.named('pg_dump').info({ pipe }, line), signal: job.signal },
  );
}

export interface RestorePlace {
  readonly database: string;
  readonly options: readonly string[];
}

/** Restores section by section, since each may have options of its own. */
export async function restoreDump(context: ImportContext, dump: string, place: RestorePlace): Promise<void> {
  const { job, target } = context;
  for (const [index, section] of wanted(context).entries()) {
    // The first section creates the database; the others find it.
    const creates = place.options.includes('--create') && index > 0;
    const database = creates ? dump : place.database;
    const options = creates ? place.options.filter((option) => option !== '--create') : place.options;
    await runProgram(
      'pg_restore',
      [
        '-U',
        'postgres',
        '-d',
        renderConninfo({ host: target.socketDirectory, dbname: database }),
        '--section',
        section,
        ...options,
        ...sectionOptions(context, section),
        dumpPath(context, dump),
      ],
      { timeoutMs, onLine: (pipe, line) => job.loggers.named('pg_restore').info({ pipe }, line), signal: job.signal },
    );
  }
}

function sectionOptions({ spec }: ImportContext, section: Section): readonly string[] {
  const own = {
    'pre-data': spec.pgRestorePredataOptions,
    data: spec.pgRestoreDataOptions,
    'post-data': spec.pgRestorePostdataOptions,
  }[section];
  return own !== undefined && own.length > 0 ? own : (spec.pgRestoreExtraOptions ?? []);
}
