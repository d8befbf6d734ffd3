import pg from 'pg';

/** Where a client connects to, and as whom. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface Timeouts {
  readonly connectMs: number;
  readonly queryMs: number;
}

/** Short enough that a connection which leads nowhere is not what is measured; longer than a commit on a busy disk. */
export const impatient: Timeouts = { connectMs: 400, queryMs: 1000 };
export const patient: Timeouts = { connectMs: 3000, queryMs: 10_000 };

export interface Session {
  query<T extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Whether the server or the network ended it. */
  broken(): boolean;
  close(): void;
}

/** One connection without TLS, for our Services and for the peer alike. */
export async function connect(address: Address, login: Login, timeouts: Timeouts): Promise<Session> {
  const client = new pg.Client({
    ...address,
    ...login,
    ssl: false,
    connectionTimeoutMillis: timeouts.connectMs,
    query_timeout: timeouts.queryMs,
  });
  let ended = false;
  client.on('error', () => (ended = true));
  client.on('end', () => (ended = true));
  const close = () => void client.end().catch(() => undefined);
  try {
    await client.connect();
  } catch (error) {
    close();
    throw error;
  }
  return {
    query: async <T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<T>(sql, [...values])).rows,
    broken: () => ended,
    close,
  };
}

/** Runs SQL once. */
export async function ask<T extends pg.QueryResultRow>(address: Address, login: Login, sql: string): Promise<T[]> {
  const session = await connect(address, login, patient);
  try {
    return await session.query<T>(sql);
  } finally {
    session.close();
  }
}

/** Whether the server itself refused: then the statement has no effect. A connection that just ends says nothing. */
export function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError;
}
