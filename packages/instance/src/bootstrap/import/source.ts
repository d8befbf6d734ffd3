import { type ConnectionParameters, connectToServer, query, type Row } from '@matriarch/postgres';

/** Runs one query on the server that is imported from. */
export async function askSource(source: ConnectionParameters, sql: string, signal: AbortSignal): Promise<Row[]> {
  const connection = await connectToServer({ ...source, dbname: 'postgres' }, 'database', signal);
  try {
    return await query(connection, sql);
  } finally {
    connection.close();
  }
}

const databasesSql = `
SELECT datname AS name FROM pg_catalog.pg_database
WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' ORDER BY datname`;

/** The databases to import; `*` = all that can be connected to. */
export async function sourceDatabases(
  source: ConnectionParameters,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  if (!names.includes('*')) return [...names];
  return (await askSource(source, databasesSql, signal)).map((row) => row.name ?? '');
}
