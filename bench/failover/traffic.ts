import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../tests/e2e/support/until.ts';
import { longestGap } from './gaps.ts';
import type { System } from './system.ts';
import { startWriter, type Writer } from './writer.ts';

/** A moment at which something was done, and which instance was the primary before. */
export interface Before {
  readonly primary: string;
  /** As the writer names it. */
  readonly server: string;
  readonly writer: Writer;
}

const steadyRows = 100;
const limitMs = 120_000;

/** Numbers of rows go on where the last run ended. */
let nextRow = 1;

/** Starts the writer and waits until it writes without a pause; hands all of it to `event`, and ends it afterwards. */
export async function withTraffic<T>(system: System, event: (before: Before) => Promise<T>): Promise<T> {
  const primary = await system.healed();
  const { host } = await system.objects.addressOf(primary);
  const writer = startWriter({ addresses: [system.writeAddress], login: system.login, from: nextRow });
  try {
    await until('rows are written', limitMs, () => isSteady(writer));
    return await event({ primary, server: `${host}:5432`, writer });
  } finally {
    await writer.stop();
    nextRow = 1 + Math.max(...[...writer.acknowledged, ...writer.unknown, ...writer.refused].map(({ n }) => n), 0);
  }
}

function isSteady({ acknowledged }: Writer): boolean {
  const last = acknowledged.slice(-steadyRows);
  const [first] = last;
  return last.length === steadyRows && first !== undefined && longestGap(last, first.at).seconds < 0.1;
}

/** Waits until another server than the given one has acknowledged rows for a while. */
export async function movedOn({ writer, server }: Before): Promise<void> {
  await until('another instance acknowledges rows', limitMs, () => {
    const last = writer.acknowledged.slice(-steadyRows / 2);
    return last.length === steadyRows / 2 && last.every((row) => row.server !== server);
  });
}

/** Rows that were acknowledged and are not there. */
export async function lostRows(system: System, writers: readonly Writer[]): Promise<number[]> {
  const present = await presentRows(system);
  return writers.flatMap(({ acknowledged }) => acknowledged.map(({ n }) => n)).filter((n) => !present.has(n));
}

/** Rows whose fate the client was not told, or was told wrongly: refused, and there all the same. */
export async function unknownOutcomes(system: System, { unknown, refused }: Writer): Promise<number> {
  const present = await presentRows(system);
  return unknown.length + refused.filter(({ n }) => present.has(n)).length;
}

async function presentRows(system: System): Promise<Set<number>> {
  const { currentPrimary = '' } = await system.objects.status();
  const rows = await system.onPod<{ n: string }>(currentPrimary, 'SELECT n FROM kept');
  return new Set(rows.map(({ n }) => Number(n)));
}

/** Seconds from `from` until an instance streams from the new primary. */
export async function streamsAgain(system: System, pod: string, from: number): Promise<number> {
  for (;;) {
    if (performance.now() - from > limitMs) throw new Error(`${pod} does not stream after ${limitMs / 1000} s`);
    const { currentPrimary = '' } = await system.objects.status();
    const sql = `SELECT 1 AS yes FROM pg_stat_replication WHERE application_name = '${pod}' AND state = 'streaming'`;
    const rows = currentPrimary === pod ? [] : await system.onPod(currentPrimary, sql).catch(() => []);
    if (rows.length > 0) return (performance.now() - from) / 1000;
    await delay(50);
  }
}
