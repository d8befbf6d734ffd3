import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../tests/e2e/support/until.ts';
import type { Login } from '../client.ts';
import { type Gap, longestGap } from '../gaps.ts';
import { freeze, podProcesses } from '../processes.ts';
import { type Scenario, shortLease, synchronous } from '../scenario.ts';
import type { System } from '../system.ts';
import { type Before, lostRows, movedOn, withTraffic } from '../traffic.ts';
import { startWriter, type Writer } from '../writer.ts';

/** How long the new primary works before the lost node comes back. */
const apartMs = 3000;
/** How long a thawed instance is watched for writes that it acknowledges. */
const watchMs = 8000;
/** These keep the connections that they have to the lost primary, as an application without timeouts does. */
const stubborn = { connectMs: 2000, queryMs: 120_000 };
const stubbornClients = 4;
const switchoverMs = 120_000;
/** A node with this annotation tells the API server nothing, and hears nothing of it. */
const silent = 'matriarch.dev/silent';
const rowsForEach = 1_000_000_000;

type Seen = (gap: Gap) => void;

let clientsSoFar = 0;

/**
 * Freezes everything on the node of the primary, and lets it go on when another instance has taken over. Whatever the
 * thawed primary acknowledges then belongs to a second history.
 */
async function loseNode(system: System, seen: Seen): Promise<Record<string, number>> {
  await apartFromOperator(system);
  const others = startStubborn(system.login, system);
  try {
    const { figures, writer } = await withTraffic(system, async (before) => ({
      writer: before.writer,
      figures: await freezeAndThaw(system, before, others, seen),
    }));
    await Promise.all(others.map((client) => client.stop()));
    await system.healed();
    const lost = (await lostRows(system, [writer, ...others])).length;
    return { gap: figures.gap, late: figures.late, window: figures.window, lost };
  } finally {
    await Promise.all(others.map((client) => client.stop()));
  }
}

async function freezeAndThaw(system: System, before: Before, others: readonly Writer[], seen: Seen) {
  const { primary, server, writer } = before;
  const node = await system.objects.nodeOf(primary);
  await system.objects.annotateNode(node, { [silent]: 'true' });
  const frozen = await freeze(() => podProcesses(system.matriarch.state, primary));
  try {
    await movedOn(before);
    await delay(apartMs);
    seen(longestGap(writer.acknowledged, frozen.at));
  } finally {
    await system.objects.annotateNode(node, { [silent]: null });
    frozen.thaw();
  }
  const thawedAt = performance.now();
  await delay(watchMs);
  const gap = longestGap(writer.acknowledged, frozen.at).seconds;
  const late = [writer, ...others]
    .flatMap(({ acknowledged }) => acknowledged)
    .filter((row) => row.server === server && row.at > thawedAt);
  const last = Math.max(thawedAt, ...late.map(({ at }) => at));
  return { gap, late: late.length, window: (last - thawedAt) / 1000 };
}

function startStubborn(login: Login, { writeAddress }: System): Writer[] {
  return Array.from({ length: stubbornClients }, () => {
    clientsSoFar += 1;
    return startWriter({ addresses: [writeAddress], login, timeouts: stubborn, from: clientsSoFar * rowsForEach });
  });
}

/** A node that has the operator too is another event: its pod is then moved by Kubernetes, after minutes. */
async function apartFromOperator(system: System): Promise<void> {
  const primary = await system.healed();
  const operatorNode = (await system.objects.operatorPod()).spec?.nodeName;
  if ((await system.objects.nodeOf(primary)) !== operatorNode) return;
  const pods = await system.objects.pods();
  const target = pods.find(({ spec }) => spec?.nodeName !== operatorNode)?.metadata?.name;
  if (target === undefined) throw new Error('all instances are on the node of the operator');
  await system.promote(target);
  await until(`${target} is the primary`, switchoverMs, async () => (await system.healed()) === target);
}

function scenario(name: string, what: string, target: string, spec: Record<string, unknown>): Scenario {
  const isSafe = 'postgresql' in spec;
  const rows = (text: string, goal: string) => ({ what: `${what}: ${text}`, unit: 'rows', target: goal, digits: 0 });
  return {
    name,
    spec,
    measures: {
      gap: { what: `${what}: write gap`, unit: 's', target },
      late: rows('rows acknowledged by the old primary after the thaw', isSafe ? '0' : '-'),
      window: { what: `${what}: time after the thaw in which it did`, unit: 's', target: '-', digits: 3 },
      lost: rows('acknowledged rows lost', isSafe ? '0' : '-'),
    },
    run: loseNode,
  };
}

const short = 'silent loss of the node, primaryLease 6/4/1';
const usual = 'silent loss of the node, primaryLease by default';

export const silentShort = scenario('silent-short', short, '<= 10', shortLease);
export const silentDefault = scenario('silent-default', usual, '<= 20', {});
export const silentShortSync = scenario('silent-sync-short', `${short}, synchronous`, '<= 10', {
  ...shortLease,
  ...synchronous,
});
export const silentDefaultSync = scenario('silent-sync-default', `${usual}, synchronous`, '<= 20', synchronous);
