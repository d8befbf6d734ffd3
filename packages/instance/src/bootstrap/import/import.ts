import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Import } from '@matriarch/api';
import { type ConnectionParameters, quoteIdentifier, withSuperuser } from '@matriarch/postgres';
import { externalConninfo } from '../../configuration/external.ts';
import type { Environment } from '../../paths.ts';
import { findProgram } from '../../rejoin/tool.ts';
import type { Job } from '../job.ts';
import { runUserSql, type SqlTarget } from '../sql.ts';
import { dumpDatabase, restoreDump } from './dump.ts';
import { copyRoles } from './roles.ts';
import { sourceDatabases } from './source.ts';

export interface ImportContext {
  readonly job: Job;
  readonly target: SqlTarget;
  readonly spec: Import;
  readonly source: ConnectionParameters;
  /** Dumps lie here until they are restored. */
  readonly folder: string;
}

/** @throws Error where the image lacks the programs that an import needs. */
export async function requireImportPrograms(environment: Environment): Promise<void> {
  for (const program of ['pg_dump', 'pg_restore']) {
    if ((await findProgram(program, environment)) !== undefined) continue;
    const path = (environment.PATH ?? '').split(delimiter).join(', ');
    throw new Error(
      `bootstrap.initdb.import needs ${program}, which is in none of ${path}: use an image with PostgreSQL's client programs`,
    );
  }
}

/** Copies databases of an existing server into the new one by logical dump. */
export async function importDatabases(job: Job, target: SqlTarget, directory: string, spec: Import): Promise<void> {
  const { dbname: _, ...source } = await externalConninfo(job, job.cluster, spec.source.externalCluster);
  const context: ImportContext = { job, target, spec, source, folder: join(directory, 'dumps') };
  try {
    if (spec.type === 'microservice') await importOne(context);
    else await importAll(context);
  } finally {
    await rm(context.folder, { recursive: true, force: true });
  }
}

/** One database into the application database, everything owned by the application's role. */
async function importOne(context: ImportContext): Promise<void> {
  const { job, target, spec } = context;
  const [name, ...others] = spec.databases;
  if (name === undefined || others.length > 0 || name === '*') {
    throw new Error(`import.databases: type microservice takes exactly one database, not ${spec.databases.join(', ')}`);
  }
  const database = job.options.flags.get('app-db-name') ?? '';
  const owner = job.options.flags.get('app-user') ?? '';
  await dumpDatabase(context, name);
  await dropExtensions(context, database);
  // The definitions may need rights that the owner loses again.
  await runUserSql(target, 'postgres', [`ALTER ROLE ${quoteIdentifier(owner)} SUPERUSER`]);
  const options = ['--no-owner', '--no-privileges', `--role=${owner}`];
  await restoreDump(context, name, { database, options });
  await runUserSql(target, 'postgres', [`ALTER ROLE ${quoteIdentifier(owner)} NOSUPERUSER`]);
  await runUserSql(target, database, [...(spec.postImportApplicationSQL ?? []), 'ANALYZE VERBOSE']);
}

/** All named databases and roles as they are. */
async function importAll(context: ImportContext): Promise<void> {
  const { target, spec, job } = context;
  if ((spec.roles ?? []).length > 0) await copyRoles(context);
  const databases = await sourceDatabases(context.source, spec.databases, job.signal);
  for (const name of databases) await dumpDatabase(context, name);
  for (const name of databases) {
    const isThere = await databaseExists(target, name);
    if (isThere) await dropExtensions(context, name);
    const where = isThere ? { database: name, options: [] } : { database: 'postgres', options: ['--create'] };
    await restoreDump(context, name, where);
    await runUserSql(target, name, ['ANALYZE VERBOSE']);
  }
}

async function databaseExists(target: SqlTarget, name: string): Promise<boolean> {
  const options = {
    socketDirectory: target.socketDirectory,
    database: 'postgres',
    applicationName: 'cnpg-instance-manager',
  };
  return withSuperuser(options, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [name]);
    return rowCount !== 0;
  });
}

/** Oids from here on are not PostgreSQL's own. */
const firstUserOid = 16_384;

/** The dump brings its extensions; those that the template had would be in their way. */
async function dropExtensions({ target }: ImportContext, database: string): Promise<void> {
  const options = { socketDirectory: target.socketDirectory, database, applicationName: 'cnpg-instance-manager' };
  await withSuperuser(options, async (client) => {
    const sql = 'SELECT extname AS name FROM pg_catalog.pg_extension WHERE oid >= $1';
    const { rows } = await client.query<{ name: string }>(sql, [firstUserOid]);
    for (const { name } of rows) await client.query(`DROP EXTENSION IF EXISTS ${quoteIdentifier(name)} CASCADE`);
  });
}
