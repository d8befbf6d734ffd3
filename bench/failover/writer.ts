import { setTimeout as delay } from 'node:timers/promises';
import { type Address, connect, impatient, isRefusal, type Login, type Session, type Timeouts } from './client.ts';

/** A row that the server said it has. */
export interface Acknowledged {
  readonly n: number;
  /** When the answer came, by performance.now(). */
  readonly at: number;
  /** Address and port of the server that answered. */
  readonly server: string;
}

/** What a client that writes numbered rows knows. */
export interface History {
  readonly acknowledged: Acknowledged[];
  /** Sent, and the connection ended or time was up before an answer came. */
  readonly unknown: { readonly n: number; readonly at: number }[];
  /** Answered with an error. */
  readonly refused: { readonly n: number; readonly at: number; readonly code: string }[];
}

export interface Writer extends History {
  stop(): Promise<void>;
}

export interface WriterOptions {
  /** Tried in turn until one accepts writes, as libpq does for target_session_attrs=read-write. */
  readonly addresses: readonly Address[];
  readonly login: Login;
  readonly timeouts?: Timeouts;
  /** First number of a row, so that several clients can write into one table. */
  readonly from?: number;
}

const periodMs = 10;
const pauseMs = 10;

const insert =
  "INSERT INTO kept (n) VALUES ($1) RETURNING host(inet_server_addr()) || ':' || inet_server_port() AS server";

export const createTable = 'CREATE TABLE IF NOT EXISTS kept (n bigint PRIMARY KEY)';

/** Writes a row each 10 ms; a connection that fails is replaced at once, and no number is written twice. */
export function startWriter({ addresses, login, timeouts = impatient, from = 1 }: WriterOptions): Writer {
  const history: History = { acknowledged: [], unknown: [], refused: [] };
  let stopped = false;
  let next = from;
  let turn = 0;

  const write = async (session: Session): Promise<boolean> => {
    const n = next++;
    try {
      const [row] = await session.query<{ server: string }>(insert, [n]);
      history.acknowledged.push({ n, at: performance.now(), server: row?.server ?? '' });
      return true;
    } catch (error) {
      const at = performance.now();
      if (isRefusal(error)) history.refused.push({ n, at, code: String((error as { code?: string }).code) });
      else history.unknown.push({ n, at });
      return false;
    }
  };
  const useConnection = async (address: Address) => {
    const session = await connect(address, login, timeouts);
    try {
      const [mode] = await session.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
      if (mode?.transaction_read_only !== 'off') return;
      let due = performance.now();
      while (!stopped && !session.broken() && (await write(session))) {
        due = Math.max(due + periodMs, performance.now());
        await delay(Math.max(0, due - performance.now()));
      }
    } finally {
      session.close();
    }
  };
  const running = (async () => {
    while (!stopped) {
      const address = addresses[turn % addresses.length];
      if (address === undefined) throw new Error('a writer needs an address');
      // The one that worked last is asked first again.
      await useConnection(address).catch(() => undefined);
      turn += 1;
      await delay(pauseMs);
    }
  })();
  return {
    ...history,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
