import type { Database } from '../database.ts';

/** Sizes change slowly, and adding them up reads every file's length. */
const keptMs = 10_000;

const sizeSql = `
SELECT pg_size_pretty(sum(pg_database_size(oid))) AS size FROM pg_database WHERE datallowconn OR datistemplate`;

/**
 * The size of all databases as `pg_size_pretty` prints it, for people who ask for the status; the operator's stream does
 * without. Undefined where the server cannot tell now.
 */
export function createSizeReader(database: Database, now: () => number): () => Promise<string | undefined> {
  let last: { at: number; size: string | undefined } | undefined;
  return async () => {
    if (last !== undefined && now() - last.at < keptMs) return last.size;
    try {
      const [row] = await database.query<{ size: string }>(sizeSql);
      last = { at: now(), size: row?.size };
      return last.size;
    } catch {
      return undefined;
    }
  };
}
