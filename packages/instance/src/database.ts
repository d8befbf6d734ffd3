import pg from 'pg';

export interface Row {
  readonly [column: string]: unknown;
}

/** SQL on the local server as its superuser, over the Unix socket. */
export interface Database {
  /** Runs one statement on the kept connection to `postgres`. */
  query<R extends Row>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** Opens a connection to one database for the length of `work`. */
  withConnection<T>(database: string, work: (connection: Connection) => Promise<T>): Promise<T>;
  /**
   * Ends every connection, those in use as well, and refuses new ones: a single one would hold up a smart shutdown.
   */
  close(): Promise<void>;
  /** Allows connections again. */
  open(): void;
}

export interface Connection {
  query<R extends Row>(sql: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface DatabaseOptions {
  readonly socketDirectory: string;
  readonly user?: string;
  readonly applicationName?: string;
}

const connectTimeoutMs = 5000;

/** A hung server must not hang the manager; what may take longer runs on a connection of its own. */
const keptQueryTimeoutMs = 10_000;

export function createDatabase(options: DatabaseOptions): Database {
  const clients = new Set<pg.Client>();
  let closed = false;
  let kept: Promise<pg.Client> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const connect = async (database: string, queryTimeoutMs: number): Promise<pg.Client> => {
    if (closed) throw new Error('PostgreSQL is being stopped');
    const client = new pg.Client({
      host: options.socketDirectory,
      port: 5432,
      user: options.user ?? 'postgres',
      database,
      application_name: options.applicationName ?? 'cnpg-instance-manager',
      connectionTimeoutMillis: connectTimeoutMs,
      ...(queryTimeoutMs > 0 ? { query_timeout: queryTimeoutMs } : {}),
      // Our own changes never wait for a standby: they must be possible while there is none.
      options:
        '-c search_path=pg_catalog,public,pg_temp -c synchronous_commit=local -c client_encoding=UTF8 -c datestyle=ISO',
    });
    // The server may end the connection at any time; the next query then reports it.
    client.on('error', () => clients.delete(client));
    client.on('end', () => clients.delete(client));
    clients.add(client);
    try {
      await client.connect();
    } catch (error) {
      clients.delete(client);
      void client.end().catch(() => undefined);
      throw error;
    }
    return client;
  };

  const keptQuery = async <R extends Row>(sql: string, values: readonly unknown[]): Promise<R[]> => {
    kept ??= connect('postgres', keptQueryTimeoutMs);
    const current = kept;
    try {
      const client = await current;
      return (await client.query<R>(sql, [...values])).rows;
    } catch (error) {
      // A refusal by the server leaves the connection good; anything else leaves it in doubt.
      if (!(error instanceof pg.DatabaseError) || !isUsableAfter(error)) {
        if (kept === current) kept = undefined;
        void current.then((client) => client.end()).catch(() => undefined);
      }
      throw error;
    }
  };

  return {
    query<R extends Row>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
      const result = turn.then(() => keptQuery<R>(sql, values));
      turn = result.catch(() => undefined);
      return result;
    },
    async withConnection(database, work) {
      const client = await connect(database, 0);
      try {
        return await work({ query: async (sql, values = []) => (await client.query(sql, [...values])).rows });
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    open() {
      closed = false;
    },
    async close() {
      closed = true;
      kept = undefined;
      await Promise.all([...clients].map((client) => client.end().catch(() => undefined)));
    },
  };
}

/** Classes 57 and 08: the server ends the session. */
function isUsableAfter(error: pg.DatabaseError): boolean {
  return error.code !== undefined && !error.code.startsWith('57P') && !error.code.startsWith('08');
}
