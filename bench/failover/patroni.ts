import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../tests/e2e/support/until.ts';
import type { Row } from '../support.ts';
import type { PeerSettings } from './arguments.ts';
import { ask } from './client.ts';
import { longestGap } from './gaps.ts';
import { onInterrupt } from './interrupt.ts';
import { type Figures, repeat } from './measure.ts';
import { type PatroniCluster, pidsOf, startPatroni, whyNot } from './patroni/cluster.ts';
import { settings } from './patroni/config.ts';
import { freeze, signalAll } from './processes.ts';
import type { Measure } from './scenario.ts';
import { startWriter, type Writer } from './writer.ts';

/** The same events with Debian's Patroni, whose clients know all three servers. */

type Event = (cluster: PatroniCluster, leader: string) => Promise<void>;

const events: Readonly<Record<string, { readonly what: string; readonly act: Event; readonly undo?: Event }>> = {
  'kill-postgres': {
    what: 'kill -9 of postgres',
    act: async (cluster, leader) => {
      const [postmaster] = cluster.processes(leader).postgres;
      if (postmaster === undefined) throw new Error(`no postmaster runs on ${leader}`);
      signalAll([postmaster.pid], 'SIGKILL');
    },
  },
  'kill-pod': {
    what: 'kill -9 of Patroni and postgres',
    act: async (cluster, leader) => signalAll(pidsOf(cluster.processes(leader)), 'SIGKILL'),
    undo: (cluster, leader) => cluster.reboot(leader),
  },
  silent: {
    what: 'silent loss of the node',
    act: async (cluster, leader) => {
      await freeze(() => Object.values(cluster.processes(leader)).flat());
    },
    undo: (cluster, leader) => cluster.reboot(leader),
  },
  switchover: {
    what: 'planned switchover',
    act: (cluster, leader) => cluster.switchover(leader),
  },
};

/** All may be measured at the same time. */
const networks = {
  default: { asynchronous: '127.77.0', synchronous: '127.79.0' },
  tight: { asynchronous: '127.78.0', synchronous: '127.80.0' },
} as const;

const limitMs = 120_000;
const outageSeconds = 0.3;
const steadyRows = 50;
let nextRow = 1;

async function play(cluster: PatroniCluster, { act, undo }: { act: Event; undo?: Event }): Promise<Figures> {
  const leader = await cluster.healed();
  const writer = startWriter({ addresses: cluster.addresses, login: cluster.login, from: nextRow });
  try {
    await until('rows are written', limitMs, () => writer.acknowledged.length > 2 * steadyRows);
    // Patroni's own loop goes on at any point of its period.
    await delay(Math.random() * 3000);
    const at = performance.now();
    await act(cluster, leader);
    try {
      await until('rows are written again', limitMs, () => isResumed(writer, at));
    } finally {
      await undo?.(cluster, leader);
    }
    const gap = longestGap(writer.acknowledged, at).seconds;
    await writer.stop();
    const now = await cluster.healed();
    return { gap, lost: await countLost(cluster, now, writer), moved: now === leader ? 0 : 1 };
  } finally {
    await writer.stop();
    nextRow = 1 + Math.max(...[...writer.acknowledged, ...writer.unknown, ...writer.refused].map(({ n }) => n), 0);
  }
}

function isResumed({ acknowledged }: Writer, from: number): boolean {
  if ((acknowledged.at(-1)?.at ?? 0) <= from) return false;
  const { seconds, first } = longestGap(acknowledged, from);
  return seconds > outageSeconds && acknowledged.filter(({ at }) => at > first.at).length > steadyRows;
}

async function countLost(cluster: PatroniCluster, leader: string, { acknowledged }: Writer): Promise<number> {
  const rows = await ask<{ n: string }>(cluster.addressOf(leader), cluster.login, 'SELECT n FROM kept');
  const present = new Set(rows.map(({ n }) => Number(n)));
  return acknowledged.filter(({ n }) => !present.has(n)).length;
}

function measures(what: string): Record<string, Measure> {
  return {
    gap: { what: `${what}: write gap`, unit: 's', target: '-' },
    lost: { what: `${what}: acknowledged rows lost`, unit: 'rows', target: '-', digits: 0 },
    moved: { what: `${what}: another node leads (1 = yes)`, unit: '', target: '-', digits: 0 },
  };
}

/** Rows for the events whose names begin with `only`, for asynchronous and then for synchronous replication. */
export async function measurePatroni(chosen: PeerSettings, runs: number, only: string): Promise<Row[]> {
  const reason = whyNot();
  if (reason !== undefined) {
    console.log(reason);
    return [];
  }
  const { ttl, loop_wait, retry_timeout } = settings[chosen];
  const rows: Row[] = [];
  for (const mode of ['asynchronous', 'synchronous'] as const) {
    const nameOf = (event: string) => `patroni-${event}-${mode}`;
    const wanted = Object.entries(events).filter(([event]) =>
      [event, nameOf(event)].some((name) => name.startsWith(only)),
    );
    if (wanted.length === 0) continue;
    const cluster = await startPatroni(networks[chosen][mode], settings[chosen], mode);
    const calm = onInterrupt(cluster.stop);
    try {
      for (const [name, event] of wanted) {
        const title = `Patroni ${ttl}/${loop_wait}/${retry_timeout}, ${mode}, ${event.what}`;
        rows.push(...(await repeat(`${nameOf(name)} (${chosen})`, measures(title), runs, () => play(cluster, event))));
      }
    } finally {
      calm();
      await cluster.stop();
    }
  }
  return rows;
}
