import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteIdentifier, withSuperuser } from '@matriarch/postgres';
import type { Logger } from '../logger.ts';

export interface SqlTarget {
  readonly socketDirectory: string;
  readonly logger: Logger;
}

export interface ApplicationDatabase {
  readonly database: string;
  readonly owner: string;
}

const session = (target: SqlTarget, database: string) => ({
  socketDirectory: target.socketDirectory,
  database,
  applicationName: 'cnpg-instance-manager',
});

/** Runs a user's statements in their order in one session, with the search path that a user expects. */
export async function runUserSql(target: SqlTarget, database: string, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  await withSuperuser(session(target, database), async (client) => {
    for (const [index, statement] of statements.entries()) {
      target.logger.debug({ database, number: index + 1 }, 'Running SQL of the bootstrap');
      await client.query(statement).catch((cause) => {
        throw new Error(`SQL number ${index + 1} of ${statements.length} for database "${database}" failed`, { cause });
      });
    }
  });
}

/** The contents of the `.sql` files of a mounted folder, in the order of their names; none without a folder. */
export async function readSqlFolder(folder: string | undefined): Promise<string[]> {
  if (folder === undefined) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

/** Creates the role unless it is there. */
export async function ensureRole(target: SqlTarget, role: string): Promise<void> {
  await withSuperuser(session(target, 'postgres'), async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [role]);
    if (rowCount === 0) await client.query(`CREATE ROLE ${quoteIdentifier(role)} LOGIN`);
  });
}

/** Creates the database unless it is there; resolves to whether it did. */
export async function ensureDatabase(target: SqlTarget, { database, owner }: ApplicationDatabase): Promise<boolean> {
  return withSuperuser(session(target, 'postgres'), async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [database]);
    if (rowCount !== 0) return false;
    await client.query(`CREATE DATABASE ${quoteIdentifier(database)} OWNER ${quoteIdentifier(owner)}`);
    return true;
  });
}
