import type { Connection, Row } from './database.ts';

/** The server gave no answer in time; it may still give one. */
export class SilentError extends Error {}

/** Questions on one connection, in order, each with a limit. */
export interface Lane {
  query<R extends Row>(sql: string, values?: readonly unknown[]): Promise<R[]>;
}

/**
 * A question that got no answer in time is not given up: the connection waits for the answer, and until it comes every
 * other question is refused at once. So a hung server is asked once, and one session of it is bound, whatever the number of
 * those who ask.
 */
export function createLane(connection: Connection, limitMs: number): Lane {
  let overdue = 0;
  return {
    async query<R extends Row>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
      if (overdue > 0) throw new SilentError('PostgreSQL has not answered an earlier question');
      const answer = connection.query<R>(sql, values);
      if (limitMs === Number.POSITIVE_INFINITY) return answer;
      const limit = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        overdue += 1;
        const settle = () => {
          overdue -= 1;
        };
        answer.then(settle, settle);
        limit.reject(new SilentError(`PostgreSQL has not answered within ${limitMs} ms`));
      }, limitMs);
      try {
        return await Promise.race([answer, limit.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
