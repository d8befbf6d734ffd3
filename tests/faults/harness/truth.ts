/** Compares what is there with what was acknowledged, on every instance. An answer that is not empty is a defect. */
import { isOnHistory, parseHistory, parseLsn } from '@matriarch/postgres';
import { until } from '../../e2e/support/until.ts';
import type { Epoch, Reign } from './ledger.ts';
import { type CleanFiles, checkPages } from './pages.ts';
import { askOnce } from './session.ts';
import { longestOverlap } from './watcher.ts';
import type { World } from './world.ts';

const replayLimitMs = 30_000;

export interface Comparison {
  readonly lost: number;
  readonly problems: readonly string[];
}

/** Rows that were acknowledged and are not there. */
export async function lostRows(world: World, epochs: readonly Epoch[]): Promise<Comparison> {
  const primary = world.login(world.view().currentPrimary);
  const problems: string[] = [];
  let count = 0;
  for (const { table, acknowledged } of epochs) {
    const rows = await askOnce<{ client: number; n: number }>(primary, `SELECT client, n FROM ${table}`);
    const there = new Set(rows.map(({ client, n }) => `${client}/${n}`));
    const lost = acknowledged.filter(({ client, n }) => !there.has(`${client}/${n}`));
    if (lost.length === 0) continue;
    count += lost.length;
    const some = lost.slice(0, 5).map(({ client, n }) => `${client}/${n}`);
    problems.push(
      `${lost.length} of ${acknowledged.length} acknowledged rows of ${table} are lost: ${some.join(', ')}`,
    );
  }
  return { lost: count, problems };
}

/** Standbys replay what the primary has, and then have the same rows. */
export async function outOfStep(world: World, epochs: readonly Epoch[]): Promise<string[]> {
  const { currentPrimary, instances } = world.view();
  const sums = epochs
    .map(({ table }) => `SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)), 0) FROM ${table} r`)
    .join(' UNION ALL ');
  try {
    await until('all instances have the same rows', replayLimitMs, async () => {
      const answers = await Promise.all(
        instances.map(({ name }) =>
          askOnce<{ row: string }>(world.login(name), `SELECT s::text AS row FROM (${sums}) s`),
        ),
      );
      const texts = answers.map((rows, index) => `${instances[index]?.name} ${rows.map(({ row }) => row).join(' ')}`);
      const bare = new Set(texts.map((text) => text.slice(text.indexOf(' '))));
      if (bare.size > 1) throw new Error(`${texts.join(' | ')} (primary ${currentPrimary})`);
      return true;
    });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Every acknowledged row was written on an ancestor of the timeline that is now, before the branch. */
export async function outsideHistory(world: World, reigns: readonly Reign[]): Promise<string[]> {
  const primary = world.login(world.view().currentPrimary);
  const [now] = await askOnce<{ timeline: string }>(
    primary,
    'SELECT substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline',
  );
  const current = Number.parseInt(now?.timeline ?? '', 16);
  const text =
    current === 1
      ? ''
      : (await askOnce<{ text: string }>(primary, `SELECT pg_read_file('pg_wal/${now?.timeline}.history') AS text`))[0]
          ?.text;
  const history = parseHistory(text ?? '');
  return reigns.flatMap(({ timeline, host, lastLsn, rows }) => {
    const number = Number.parseInt(timeline, 16);
    if (isOnHistory(history, current, number, parseLsn(lastLsn))) return [];
    return [
      `${rows} rows that ${host} acknowledged on timeline ${number}, up to ${lastLsn}, are outside of the history of ${current}`,
    ];
  });
}

/** Two instances that acknowledged rows to clients at the same time. */
export function doubleReign(reigns: readonly Reign[], since: number): string[] {
  const spans = reigns.map(({ host, timeline, firstKnown, lastWritten }) => {
    return { who: `${host} on timeline ${Number.parseInt(timeline, 16)}`, from: firstKnown, to: lastWritten };
  });
  const overlap = longestOverlap(spans, since);
  if (overlap === undefined) return [];
  return [`${overlap.first} and ${overlap.second} both acknowledged rows for ${Math.round(overlap.milliseconds)} ms`];
}

/** Damage that PostgreSQL itself has met, and damaged pages in files that are not known to be clean. */
export async function damage(world: World, clean: CleanFiles): Promise<string[]> {
  const found = await Promise.all(
    world.view().instances.map(async ({ name }) => {
      const [row] = await askOnce<{ failures: number; checksums: string }>(
        world.login(name),
        `SELECT coalesce(sum(checksum_failures), 0)::int AS failures, current_setting('data_checksums') AS checksums
         FROM pg_stat_database`,
      );
      const { damaged } = await checkPages(world.dataDirectory(name), clean);
      return [
        ...(row?.checksums === 'on' ? [] : [`${name} has no data checksums`]),
        ...(row?.failures === 0 ? [] : [`${name} has met ${row?.failures} damaged pages`]),
        ...damaged.map((page) => `${name}: ${page} is damaged`),
      ];
    }),
  );
  return found.flat();
}

/** Reads every row of every table, which has PostgreSQL check every page of them. */
export async function readEverything(world: World, instance: string): Promise<void> {
  const login = world.login(instance);
  const tables = await askOnce<{ name: string }>(
    login,
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'm', 't') AND relpersistence = 'p'`,
  );
  await askOnce(
    login,
    tables.map(({ name }) => `SELECT count(*) FROM (SELECT t.* FROM ${name} t OFFSET 0) x`).join(';'),
  );
}
