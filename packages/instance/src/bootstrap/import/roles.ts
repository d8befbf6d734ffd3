import { quoteIdentifier, quoteLiteral, type Row } from '@matriarch/postgres';
import { errorText } from '../../logger.ts';
import { runUserSql } from '../sql.ts';
import type { ImportContext } from './import.ts';
import { askSource } from './source.ts';

/** Made by the manager itself. */
const ours = ['postgres', 'streaming_replica', 'cnpg_pooler_pgbouncer', 'cnpg_metrics_exporter'];

const rolesSql = `
SELECT rolname AS name, rolinherit AS inherit, rolcreaterole AS createrole, rolcreatedb AS createdb,
       rolcanlogin AS login, rolreplication AS replication, rolbypassrls AS bypassrls,
       rolconnlimit AS connlimit, rolpassword AS password, rolvaliduntil AS validuntil
FROM pg_catalog.pg_authid WHERE oid >= 16384 ORDER BY rolname`;

const membershipsSql = `
SELECT granted.rolname AS granted, member.rolname AS member, membership.admin_option AS admin
FROM pg_catalog.pg_auth_members AS membership
JOIN pg_catalog.pg_roles AS granted ON granted.oid = membership.roleid
JOIN pg_catalog.pg_roles AS member ON member.oid = membership.member
WHERE member.oid >= 16384 ORDER BY 1, 2`;

/**
 * Creates the source's roles with their passwords and memberships. Superusers become ordinary roles. A role that
 * cannot be made is reported and passed over: what it owns fails later with a message of its own.
 */
export async function copyRoles(context: ImportContext): Promise<void> {
  const { job, source, spec } = context;
  const owner = job.options.flags.get('app-user') ?? '';
  const selected = spec.roles ?? [];
  const isWanted = (name: string) => selected.includes('*') || selected.includes(name);
  const isCopied = (name: string) => isWanted(name) && !ours.includes(name) && name !== owner;
  for (const row of await askSource(source, rolesSql, job.signal)) {
    if (isCopied(row.name ?? '')) await attempt(context, row.name ?? '', createRole(row));
  }
  for (const { granted, member, admin } of await askSource(source, membershipsSql, job.signal)) {
    if (!isWanted(member ?? '') || ours.includes(member ?? '')) continue;
    const option = admin === 't' ? ' WITH ADMIN OPTION' : '';
    await attempt(
      context,
      member ?? '',
      `GRANT ${quoteIdentifier(granted ?? '')} TO ${quoteIdentifier(member ?? '')}${option}`,
    );
  }
}

function createRole(row: Row): string {
  const attribute = (column: string, word: string) => (row[column] === 't' ? word : `NO${word}`);
  const parts = [
    `CREATE ROLE ${quoteIdentifier(row.name ?? '')} NOSUPERUSER`,
    attribute('inherit', 'INHERIT'),
    attribute('createrole', 'CREATEROLE'),
    attribute('createdb', 'CREATEDB'),
    attribute('login', 'LOGIN'),
    attribute('replication', 'REPLICATION'),
    attribute('bypassrls', 'BYPASSRLS'),
    `CONNECTION LIMIT ${row.connlimit ?? '-1'}`,
  ];
  if (row.password !== null && row.password !== undefined) parts.push(`PASSWORD ${quoteLiteral(row.password)}`);
  if (row.validuntil !== null && row.validuntil !== undefined)
    parts.push(`VALID UNTIL ${quoteLiteral(row.validuntil)}`);
  return parts.join(' ');
}

async function attempt({ job, target }: ImportContext, role: string, sql: string): Promise<void> {
  try {
    await runUserSql(target, 'postgres', [sql]);
  } catch (error) {
    job.logger.warn({ role, error: errorText(error) }, 'A role of the source could not be taken over completely');
  }
}
