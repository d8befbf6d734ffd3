/**
 * Asks every instance, past the Services, whether it is a primary, and has each that says so write a row of its own. The
 * write asks no standby (`synchronous_commit = local`): what is watched is whether an instance takes writes at all.
 *
 * Proof without false alarm: all processes have one clock. An instance took writes on a timeline from the moment its first
 * one was known here to be done, until the moment at which, by its own word, the last one was being executed. When two such
 * times overlap, both took writes in between.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openSession, type Session } from './session.ts';

export interface Span {
  readonly who: string;
  readonly from: number;
  readonly to: number;
}

export interface Overlap {
  readonly first: string;
  readonly second: string;
  readonly from: number;
  readonly milliseconds: number;
}

/** The longest of the overlaps between spans of different instances or timelines that end after `since`. */
export function longestOverlap(spans: readonly Span[], since = 0): Overlap | undefined {
  let longest: Overlap | undefined;
  for (const first of spans)
    for (const second of spans) {
      if (first.who === second.who || first.from > second.from) continue;
      const to = Math.min(first.to, second.to);
      const milliseconds = to - second.from;
      if (to < since || milliseconds <= (longest?.milliseconds ?? 0)) continue;
      longest = { first: first.who, second: second.who, from: second.from, milliseconds };
    }
  return longest;
}

export interface Watched {
  readonly name: string;
  readonly ip: string;
}

export interface Watcher {
  spans(): Span[];
  stop(): Promise<void>;
}

export interface WatcherOptions {
  readonly password: string;
  /** The instances there are at this moment. */
  instances(): readonly Watched[];
}

export const watchTable = 'CREATE TABLE IF NOT EXISTS watched (instance text PRIMARY KEY, n bigint)';

const pauseMs = 50;
const limits = { connectMs: 1000, queryMs: 60_000 };

const write = `INSERT INTO watched VALUES ($1, 1) ON CONFLICT (instance) DO UPDATE SET n = watched.n + 1
  RETURNING substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline,
    (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at`;

export function startWatcher(options: WatcherOptions): Watcher {
  const known = new Map<string, { who: string; from: number; to: number }>();
  const loops = new Map<string, Promise<void>>();
  const sessions = new Set<Session>();
  let stopped = false;

  const isThere = ({ name, ip }: Watched) => options.instances().some((one) => one.name === name && one.ip === ip);
  const attempt = async (session: Session, { name }: Watched) => {
    const [state] = await session.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
    if (state?.standby !== false) return;
    const [row] = await session.query<{ timeline: string; at: number }>(write, [name]);
    if (row === undefined) return;
    const who = `${name} on timeline ${Number.parseInt(row.timeline, 16)}`;
    const span = known.get(who);
    if (span === undefined) known.set(who, { who, from: Date.now() + 1, to: row.at });
    else span.to = Math.max(span.to, row.at);
  };
  const watch = async (instance: Watched) => {
    const session = await openSession({ host: instance.ip, password: options.password }, limits);
    sessions.add(session);
    try {
      await session.query('SET synchronous_commit = local');
      while (!stopped && isThere(instance)) {
        const asked = performance.now();
        await attempt(session, instance);
        // After a long silence at once again: what thaws may be ended in a moment.
        if (performance.now() - asked < pauseMs) await delay(pauseMs);
      }
    } finally {
      sessions.delete(session);
      session.drop();
    }
  };
  const loop = async (instance: Watched) => {
    while (!stopped && isThere(instance)) await watch(instance).catch(() => delay(pauseMs));
  };
  const follow = async () => {
    while (!stopped) {
      for (const instance of options.instances()) {
        const key = `${instance.name} ${instance.ip}`;
        if (instance.ip === '' || loops.has(key)) continue;
        loops.set(
          key,
          loop(instance).finally(() => loops.delete(key)),
        );
      }
      await delay(pauseMs);
    }
  };
  const following = follow();
  return {
    spans: () => [...known.values()],
    async stop() {
      stopped = true;
      await following;
      for (const session of sessions) session.drop();
      await Promise.all(loops.values());
    },
  };
}
