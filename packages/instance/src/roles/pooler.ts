import { type Cluster, databaseUsers } from '@matriarch/api';
import { quoteIdentifier } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';

const existsSql = `
SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS role,
  to_regprocedure('public.user_search(text)') IS NOT NULL AS lookup`;

/** The role by which PgBouncer asks for passwords, and the function that answers it and nobody else. */
export async function ensurePoolerRole(instance: Instance, cluster: Cluster): Promise<void> {
  const secrets = cluster.status?.poolerIntegrations?.pgBouncerIntegration?.secrets ?? [];
  if (secrets.length === 0) return;
  const [row] = await instance.database.query<{ role: boolean; lookup: boolean }>(existsSql, [databaseUsers.pooler]);
  const role = quoteIdentifier(databaseUsers.pooler);
  if (row?.role !== true) {
    await instance.database.query(`CREATE ROLE ${role} LOGIN`);
    await instance.database.query(`GRANT CONNECT ON DATABASE postgres TO ${role}`);
  }
  if (row?.lookup === true) return;
  await instance.database.withConnection('postgres', async (connection) => {
    await connection.query('BEGIN');
    await connection.query(`CREATE OR REPLACE FUNCTION public.user_search(uname text)
      RETURNS TABLE (usename name, passwd text) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
      AS 'SELECT s.usename, s.passwd FROM pg_catalog.pg_shadow s WHERE s.usename = $1'`);
    await connection.query('REVOKE ALL ON FUNCTION public.user_search(text) FROM public');
    await connection.query(`GRANT EXECUTE ON FUNCTION public.user_search(text) TO ${role}`);
    await connection.query('COMMIT');
  });
}
