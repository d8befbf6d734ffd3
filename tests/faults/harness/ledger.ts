/**
 * The clients: several connections through the write Service, each of which writes one row after another, as fast as they
 * are acknowledged. Everything that was acknowledged is kept here, so that it can be compared with what is there.
 *
 * Rows of one epoch (one fault) lie in a table of their own. Each row says on which timeline, where and when it was
 * written, by defaults that the server computes. A statement that failed or whose answer did not come may be there or
 * not; its number is never used again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startGaps } from './gaps.ts';
import { type Login, openSession, type Session } from './session.ts';

export interface Acknowledged {
  readonly client: number;
  readonly n: number;
}

/** What one instance acknowledged on one timeline. Times are of this machine's one clock, in milliseconds. */
export interface Reign {
  readonly timeline: string;
  readonly host: string;
  /** When the first acknowledgement had arrived. */
  readonly firstKnown: number;
  /** When the last acknowledged row was written, as the server says. */
  lastWritten: number;
  /** The WAL position before the last row. */
  lastLsn: string;
  rows: number;
}

export interface Epoch {
  readonly table: string;
  readonly acknowledged: Acknowledged[];
  /** Statements whose outcome is not known. */
  unknown: number;
}

export interface Ledger {
  readonly reigns: ReadonlyMap<string, Reign>;
  /** Creates the table of a new epoch and sends all clients there; resolves to the epoch before, in which nobody writes any more. */
  next(): Promise<Epoch | undefined>;
  readonly current: Epoch;
  /** The longest time without an acknowledgement since the last call of `mark`. */
  longestGap(): { readonly startedAt: number; readonly milliseconds: number };
  mark(): void;
  readonly total: number;
  stop(): Promise<void>;
}

export interface LedgerOptions {
  readonly clients: number;
  /** Where the write Service is. */
  login(): Login;
  /** Runs a statement on the primary, trying again until it is acknowledged. */
  define(statement: string): Promise<void>;
}

const limits = { connectMs: 2000, queryMs: 2000 };
const retryMs = 20;

const createTable = (table: string) => `CREATE TABLE IF NOT EXISTS ${table} (
  client int, n int,
  timeline text DEFAULT substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8),
  lsn pg_lsn DEFAULT pg_current_wal_insert_lsn(),
  host inet DEFAULT inet_server_addr(),
  at timestamptz DEFAULT clock_timestamp(),
  PRIMARY KEY (client, n))`;

const insertInto = (table: string) => `INSERT INTO ${table} (client, n) VALUES ($1, $2)
  RETURNING timeline, lsn::text, host(host) AS host, (extract(epoch FROM at) * 1000)::float8 AS at`;

interface Written {
  timeline: string;
  lsn: string;
  host: string;
  at: number;
}

export async function startLedger(options: LedgerOptions): Promise<Ledger> {
  const reigns = new Map<string, Reign>();
  const gaps = startGaps();
  let stopped = false;
  let count = 0;
  let total = 0;
  let current: Epoch;
  /** Epochs in which a statement is under way, by client. */
  const busy = new Map<number, Epoch>();

  const acknowledge = (epoch: Epoch, row: Acknowledged, written: Written) => {
    epoch.acknowledged.push(row);
    total += 1;
    gaps.event();
    note(reigns, written);
  };
  const writeOn = async (session: Session, client: number, numbers: { next: number }) => {
    while (!stopped) {
      const epoch = current;
      const n = numbers.next++;
      busy.set(client, epoch);
      epoch.unknown += 1;
      const [written] = await session.query<Written>(insertInto(epoch.table), [client, n]);
      epoch.unknown -= 1;
      if (written) acknowledge(epoch, { client, n }, written);
    }
  };
  const work = async (client: number) => {
    const numbers = { next: 1 };
    while (!stopped) {
      try {
        const session = await openSession(options.login(), limits);
        try {
          await writeOn(session, client, numbers);
        } finally {
          session.drop();
        }
      } catch {
        await delay(retryMs);
      }
      busy.delete(client);
    }
  };
  const next = async () => {
    const before = count === 0 ? undefined : current;
    const table = `rows_${count + 1}`;
    await options.define(createTable(table));
    count += 1;
    current = { table, acknowledged: [], unknown: 0 };
    while (before !== undefined && [...busy.values()].includes(before)) await delay(retryMs);
    return before;
  };
  await next();
  const working = Array.from({ length: options.clients }, (_, client) => work(client));
  return {
    reigns,
    next,
    get current() {
      return current;
    },
    get total() {
      return total;
    },
    longestGap: gaps.longest,
    mark: gaps.mark,
    async stop() {
      stopped = true;
      await Promise.all(working);
    },
  };
}

/** Adds an acknowledged row to the reign of the instance that wrote it. */
export function note(reigns: Map<string, Reign>, { timeline, host, lsn, at }: Written): void {
  const key = `${timeline} ${host}`;
  const known = reigns.get(key);
  if (known === undefined) {
    // One millisecond more than the clock says, which counts whole ones: never earlier than it was.
    reigns.set(key, { timeline, host, firstKnown: Date.now() + 1, lastWritten: at, lastLsn: lsn, rows: 1 });
    return;
  }
  known.rows += 1;
  if (at > known.lastWritten) Object.assign(known, { lastWritten: at, lastLsn: lsn });
}
