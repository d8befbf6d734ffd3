import { readWriteServiceName, slotName } from '@matriarch/api';
import { dataDirectoryVersion, initdb } from '@matriarch/postgres';
import { primaryConninfo } from '../configuration/conninfo.ts';
import { resolvePath } from '../paths.ts';
import { markEmptyArchiveCheck, writeConfiguration, writeOverride } from './files.ts';
import { importDatabases, requireImportPrograms } from './import/import.ts';
import type { Job } from './job.ts';
import { instanceName } from './names.ts';
import { withServer } from './server.ts';
import { ensureDatabase, ensureRole, readSqlFolder, runUserSql, type SqlTarget } from './sql.ts';
import { clearTargets, finishTargets, stagingDirectory } from './targets.ts';
import { splitWords } from './words.ts';

/** `instance init`: a new server with the application's role and database, and the user's SQL run in it. */
export async function initCluster(job: Job): Promise<void> {
  const { layout, flags } = job.options;
  const source = job.cluster.spec.bootstrap?.initdb?.import;
  if (source !== undefined) await requireImportPrograms(job.environment);
  const targets = { pgData: layout.pgData, walDirectory: job.walDirectory, tablespaces: layout.tablespaces };
  await clearTargets(targets, new Date(), job.logger);
  const staging = stagingDirectory(layout.pgData);
  await initdb({
    pgData: staging,
    walDirectory: job.walDirectory,
    flags: splitWords(flags.get('initdb-flags') ?? ''),
    onLine: (pipe, line) => job.loggers.named('initdb').info({ pipe }, line),
    signal: job.signal,
  });
  const major = await dataDirectoryVersion(staging);
  await writeConfiguration(job, staging);
  const settings = source === undefined ? {} : loadSettings;
  await withServer(job, staging, settings, async ({ socketDirectory }) => {
    const target = { socketDirectory, logger: job.logger };
    await createContents(job, target);
    if (source !== undefined) await importDatabases(job, target, staging, source);
  });
  await markEmptyArchiveCheck(staging);
  await writeOverride(
    job,
    staging,
    await conninfoToPrimary(job),
    slotName(job.cluster, instanceName(job.options.podName)),
  );
  await finishTargets(layout.pgData, major, job.signal);
}

/** For a bulk load into a server that nobody uses yet. */
const loadSettings = {
  archive_mode: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  full_page_writes: 'off',
};

/** The role, the user's SQL for `postgres` and `template1`, then the application database with its own. */
async function createContents(job: Job, target: SqlTarget): Promise<void> {
  const { flags } = job.options;
  const sqlOf = async (name: string): Promise<string[]> => {
    const folder = flags.get(`${name}-refs-folder`);
    const files = await readSqlFolder(folder === undefined ? undefined : resolvePath(folder, job.environment));
    return [...splitWords(flags.get(name) ?? ''), ...files];
  };
  const owner = flags.get('app-user') ?? '';
  const database = flags.get('app-db-name') ?? '';
  if (owner !== '') await ensureRole(target, owner);
  await runUserSql(target, 'postgres', await sqlOf('post-init-sql'));
  await runUserSql(target, 'template1', await sqlOf('post-init-template-sql'));
  if (owner === '' || database === '') return;
  if (await ensureDatabase(target, { database, owner })) {
    await runUserSql(target, database, await sqlOf('post-init-application-sql'));
  }
}

/** The way to the primary, for the day on which this instance is none. */
export async function conninfoToPrimary(job: Job) {
  const host = readWriteServiceName(job.cluster);
  return primaryConninfo({
    host,
    hostAddress: await job.resolver.addressOf(host),
    podName: instanceName(job.options.podName),
    certificates: job.options.layout.certificates,
    tcpUserTimeout: job.options.standbyTcpUserTimeout,
  });
}
