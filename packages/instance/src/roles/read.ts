import type { Database } from '../database.ts';
import type { ExistingRole } from './decide.ts';

interface RoleRow {
  readonly [column: string]: unknown;
  readonly role: ExistingRole & { readonly validUntil: string | null };
}

const rolesSql = `
SELECT json_build_object(
  'name', r.rolname, 'superuser', r.rolsuper, 'createdb', r.rolcreatedb, 'createrole', r.rolcreaterole,
  'inherit', r.rolinherit, 'login', r.rolcanlogin, 'replication', r.rolreplication, 'bypassrls', r.rolbypassrls,
  'connectionLimit', r.rolconnlimit, 'comment', coalesce(shobj_description(r.oid, 'pg_authid'), ''),
  'inRoles', coalesce((SELECT json_agg(g.rolname ORDER BY g.rolname) FROM pg_auth_members m
    JOIN pg_authid g ON g.oid = m.roleid WHERE m.member = r.oid), '[]'),
  'validUntil', CASE WHEN r.rolvaliduntil = 'infinity' THEN 'infinity'
    ELSE to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END,
  'hasPassword', r.rolpassword IS NOT NULL, 'transaction', r.xmin::text::bigint) AS role
FROM pg_authid r WHERE r.rolname !~ '^pg_'`;

/** Every role of the server but PostgreSQL's own, by name. */
export async function readRoles(database: Database): Promise<ReadonlyMap<string, ExistingRole>> {
  const rows = await database.query<RoleRow>(rolesSql);
  return new Map(rows.map(({ role }) => [role.name, { ...role, validUntil: role.validUntil ?? undefined }]));
}
