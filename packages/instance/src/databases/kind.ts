import { type Database, finalizers } from '@matriarch/api';
import { quoteIdentifier } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import { databases } from '../kinds.ts';
import type { Applied, SqlObjectKind } from '../objects/kind.ts';
import { applyParts } from './parts.ts';
import { alterDatabaseSql, createDatabaseSql } from './statements.ts';

const currentSql = `
SELECT pg_get_userbyid(d.datdba) AS owner, t.spcname AS tablespace FROM pg_database d
JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`;

/** CREATE and DROP DATABASE run outside a transaction, on a connection of their own, for they may take long. */
async function execute(instance: Instance, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  await instance.database.withConnection('postgres', async (connection) => {
    for (const statement of statements) await connection.query(statement);
  });
}

const drop = (name: string) => `DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`;

async function apply(instance: Instance, { spec }: Database): Promise<Applied> {
  if (spec.ensure === 'absent') {
    await execute(instance, [drop(spec.name)]);
    return { status: {} };
  }
  const [current] = await instance.database.query<{ owner: string; tablespace: string }>(currentSql, [spec.name]);
  await execute(instance, current === undefined ? [createDatabaseSql(spec)] : alterDatabaseSql(spec, current));
  const hasParts = [spec.schemas, spec.extensions, spec.fdws, spec.servers].some((parts) => (parts?.length ?? 0) > 0);
  if (!hasParts) return { status: {} };
  const status = await instance.database.withConnection(spec.name, (connection) => applyParts(connection, spec));
  const failed = Object.values(status).some((parts) => parts?.some((part: { applied: boolean }) => !part.applied));
  return failed ? { status, problem: 'database object reconciliation failed' } : { status };
}

export const databaseObjects: SqlObjectKind<Database> = {
  type: databases,
  finalizer: finalizers.deleteDatabase,
  identity: (object) => object.spec.name,
  reclaim: (object) => (object.spec.databaseReclaimPolicy === 'delete' ? 'delete' : 'retain'),
  apply: (instance, _, object) => apply(instance, object),
  drop: (instance, object) => execute(instance, [drop(object.spec.name)]),
};
