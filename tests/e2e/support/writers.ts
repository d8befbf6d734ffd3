import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Login } from './postgres.ts';

/** A client that writes as fast as it can, and comes back whatever happens. */
export interface Writer {
  /** Rows whose commit was acknowledged. */
  readonly acknowledged: number;
  /** What the server said last when it refused. */
  readonly refusal: string | undefined;
  stop(): Promise<void>;
}

const rowsEach = 500;

/** `obstinate`: it overrides that its transactions are read-only by default. */
export function startWriter(host: string, login: Login, manners: 'polite' | 'obstinate'): Writer {
  let acknowledged = 0;
  let refusal: string | undefined;
  let stopped = false;

  const write = async () => {
    const { user, password, database } = login;
    const client = new pg.Client({
      host,
      user,
      password,
      database,
      connectionTimeoutMillis: 5000,
      query_timeout: 30_000,
      ssl: { rejectUnauthorized: false },
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      if (manners === 'obstinate') await client.query('SET default_transaction_read_only = off');
      while (!stopped) {
        await client.query(
          `INSERT INTO kept SELECT n, repeat(md5(n::text), 31) FROM generate_series(1, ${rowsEach}) n`,
        );
        acknowledged += rowsEach;
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const run = async () => {
    while (!stopped) {
      await write().catch((error: unknown) => {
        refusal = error instanceof Error ? error.message : String(error);
      });
      await delay(20);
    }
  };
  const ended = run();
  return {
    get acknowledged() {
      return acknowledged;
    },
    get refusal() {
      return refusal;
    },
    stop: async () => {
      stopped = true;
      await ended;
    },
  };
}
