import pg from 'pg';
import { createLane, type Lane } from './lane.ts';

export interface Row {
  readonly [column: string]: unknown;
}

/** SQL on the local server as its superuser, over the Unix socket. */
export interface Database {
  /** Runs one statement on the kept connection to `postgres`. */
  query<R extends Row>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /**
   * Another kept connection, for questions that must not wait behind others. A caller waits for `limitMs` at most.
   */
  lane(limitMs: number): Lane;
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

interface Limits {
  readonly connectionTimeoutMillis?: number;
  readonly query_timeout?: number;
}

const connectTimeoutMs = 5000;

/** A hung server must not hang the manager; what may take longer runs on a connection of its own. */
const keptLimits: Limits = { connectionTimeoutMillis: connectTimeoutMs, query_timeout: 10_000 };
const workLimits: Limits = { connectionTimeoutMillis: connectTimeoutMs };
/** The end of a connection is said to the server, which may be hung and never take note. */
const closeTimeoutMs = 1000;

export function createDatabase(options: DatabaseOptions): Database {
  const clients = new Set<pg.Client>();
  let closed = false;
  let closings = 0;
  const generation = () => closings;

  const connect = async (database: string, limits: Limits): Promise<pg.Client> => {
    if (closed) throw new Error('PostgreSQL is being stopped');
    const client = new pg.Client({ ...clientConfig(options, database), ...limits });
    // The server may end the connection at any time; the next query then reports it.
    client.on('error', () => clients.delete(client));
    const ended = new Promise<never>((_, reject) => {
      client.on('end', () => {
        clients.delete(client);
        reject(new Error('the connection to PostgreSQL was ended'));
      });
    });
    ended.catch(() => undefined);
    clients.add(client);
    try {
      // A connection that we end before it has come about tells nobody.
      await Promise.race([client.connect(), ended]);
    } catch (error) {
      clients.delete(client);
      void client.end().catch(() => undefined);
      throw error;
    }
    return client;
  };

  return {
    query: keptConnection(() => connect('postgres', keptLimits), generation).query,
    lane: (limitMs) =>
      createLane(
        keptConnection(() => connect('postgres', {}), generation),
        limitMs,
      ),
    async withConnection(database, work) {
      const client = await connect(database, workLimits);
      try {
        return await work({ query: async (sql, values = []) => (await client.query(sql, [...values])).rows });
      } finally {
        await endWithin(client);
      }
    },
    open() {
      closed = false;
    },
    async close() {
      closed = true;
      closings += 1;
      await Promise.all([...clients].map(endWithin));
    },
  };
}

/**
 * One connection, made when it is needed, and the questions on it, one after the other. It is made anew when it fails, and
 * when the generation is another one: then it has been ended.
 */
function keptConnection(connect: () => Promise<pg.Client>, generation: () => number): Connection {
  let kept: Promise<pg.Client> | undefined;
  let madeIn = generation();
  let turn: Promise<unknown> = Promise.resolve();
  const run = async <R extends Row>(sql: string, values: readonly unknown[]): Promise<R[]> => {
    if (madeIn !== generation()) kept = undefined;
    madeIn = generation();
    kept ??= connect();
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
      const result = turn.then(() => run<R>(sql, values));
      turn = result.catch(() => undefined);
      return result;
    },
  };
}

function clientConfig(options: DatabaseOptions, database: string): pg.ClientConfig {
  return {
    host: options.socketDirectory,
    port: 5432,
    user: options.user ?? 'postgres',
    database,
    application_name: options.applicationName ?? 'cnpg-instance-manager',
    // Our own changes never wait for a standby, and are made while clients may only read.
    options:
      '-c search_path=pg_catalog,public,pg_temp -c default_transaction_read_only=off -c synchronous_commit=local -c client_encoding=UTF8 -c datestyle=ISO',
  };
}

async function endWithin(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), closeTimeoutMs);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

/** Classes 57 and 08: the server ends the session. */
function isUsableAfter(error: pg.DatabaseError): boolean {
  return error.code !== undefined && !error.code.startsWith('57P') && !error.code.startsWith('08');
}
