import type { Database } from '../database.ts';

/** Sizes change slowly, and adding them up reads every file's length. */
const keptMs = 10_000;

/** Nobody who asks for the status waits longer for a size. */
const limitMs = 1500;

const sizeSql = `
SELECT pg_size_pretty(sum(pg_database_size(oid))) AS size FROM pg_database WHERE datallowconn OR datistemplate`;

/**
 * The size of all databases as `pg_size_pretty` prints it, for people who ask for the status; the operator's stream does
 * without. Where the server cannot tell now, what it told last; undefined if nothing.
 */
export function createSizeReader(database: Database, now: () => number): () => Promise<string | undefined> {
  let last: { at: number; size: string } | undefined;
  let asked: Promise<void> | undefined;
  const askServer = async () => {
    const [row] = await database.query<{ size: string }>(sizeSql).catch(() => []);
    if (row !== undefined) last = { at: now(), size: row.size };
    asked = undefined;
  };
  return async () => {
    if (last !== undefined && now() - last.at < keptMs) return last.size;
    asked ??= askServer();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, limitMs);
    await Promise.race([asked, limit.promise]);
    clearTimeout(timer);
    return last?.size;
  };
}
