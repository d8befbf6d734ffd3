import { Client } from 'pg';

export interface SuperuserOptions {
  readonly socketDirectory: string;
  readonly database: string;
  readonly applicationName: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Pinned so that nothing a user created can stand in for a system function; unset keeps the server's own. */
  readonly searchPath?: string | undefined;
  readonly statementTimeoutMs?: number | undefined;
}

/** What our own queries run with. */
export const safeSearchPath = 'pg_catalog, public, pg_temp';

const connectTimeoutMs = 5000;

/** Runs `work` in one superuser session over the Unix socket, and ends the session whatever happens. */
export async function withSuperuser<T>(options: SuperuserOptions, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    host: options.socketDirectory,
    port: options.port ?? 5432,
    user: options.user ?? 'postgres',
    database: options.database,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
    ...(options.searchPath === undefined
      ? {}
      : { options: `-c search_path=${options.searchPath.replaceAll(' ', '\\ ')}` }),
  });
  // A connection that breaks between two queries reports here; the next query fails with the reason.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
