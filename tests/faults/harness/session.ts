import { Socket } from 'node:net';
import pg from 'pg';

export interface Login {
  readonly host: string;
  readonly password: string;
}

export interface Session {
  query<T extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** Ends the connection at once, also one on which nothing comes any more. */
  drop(): void;
}

export interface SessionLimits {
  readonly connectMs: number;
  readonly queryMs: number;
}

/**
 * One connection as the superuser. A statement whose answer does not come in time rejects, and the session must be
 * dropped: nobody knows what became of the statement.
 */
export async function openSession({ host, password }: Login, limits: SessionLimits): Promise<Session> {
  const socket = new Socket();
  const client = new pg.Client({
    host,
    port: 5432,
    user: 'postgres',
    password,
    database: 'postgres',
    query_timeout: limits.queryMs,
    stream: () => socket,
  });
  client.on('error', () => undefined);
  const drop = () => {
    socket.destroy();
  };
  const late = setTimeout(() => socket.destroy(new Error(`no session at ${host}`)), limits.connectMs);
  try {
    await client.connect();
  } catch (error) {
    drop();
    throw error;
  } finally {
    clearTimeout(late);
  }
  return {
    query: async <T extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await client.query<T>(text, [...values])).rows,
    drop,
  };
}

/** One statement on a connection of its own. */
export async function askOnce<T extends pg.QueryResultRow>(login: Login, text: string, queryMs = 20_000): Promise<T[]> {
  const session = await openSession(login, { connectMs: 3000, queryMs });
  try {
    return await session.query<T>(text);
  } finally {
    session.drop();
  }
}
