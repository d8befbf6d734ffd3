import { until } from '../../../tests/e2e/support/until.ts';
import { type Gap, longestGap, outagesBetween } from '../gaps.ts';
import type { Scenario } from '../scenario.ts';
import type { System } from '../system.ts';
import { lostRows, withTraffic } from '../traffic.ts';

const limitMs = 180_000;

/** Restarts all instances one by one. The client keeps its connection, so a smart shutdown is no gap for it. */
async function restartAll(system: System, seen: (gap: Gap) => void): Promise<Record<string, number>> {
  const identities = async () =>
    (await system.objects.pods()).map(
      ({ metadata, status }) => `${metadata?.uid}/${status?.containerStatuses?.[0]?.restartCount}`,
    );
  const { figures, writer } = await withTraffic(system, async ({ writer: client, primary }) => {
    const old = new Set(await identities());
    const started = () => system.onPod<{ at: string }>(primary, 'SELECT pg_postmaster_start_time()::text AS at');
    const startedBefore = (await started())[0]?.at;
    const begun = performance.now();
    await system.objects.annotateCluster({ 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() });
    await until('all instances are restarted', limitMs, async () => {
      const renewed = (await identities()).filter((identity) => !old.has(identity)).length;
      return renewed >= old.size - 1 && (await started())[0]?.at !== startedBefore;
    });
    await system.healed();
    const end = performance.now();
    const outages = outagesBetween(client.acknowledged, begun, end);
    outages.forEach(seen);
    const longest = longestGap(client.acknowledged, begun, end).seconds;
    return {
      writer: client,
      figures: { total: outages.reduce((sum, gap) => sum + gap.seconds, 0), longest, took: (end - begun) / 1000 },
    };
  });
  return { ...figures, lost: (await lostRows(system, [writer])).length };
}

// The smart phase waits for our client, which stays: a second of it is enough.
const smart = { smartShutdownTimeout: 1 };

function scenario(name: string, what: string, spec: Record<string, unknown>): Scenario {
  return {
    name,
    spec: { ...smart, ...spec },
    measures: {
      total: { what: `${what}: all write gaps together`, unit: 's', target: '<= 1.0' },
      longest: { what: `${what}: longest write gap`, unit: 's', target: '-' },
      took: { what: `${what}: until all is well again`, unit: 's', target: '-', digits: 0 },
      lost: { what: `${what}: acknowledged rows lost`, unit: 'rows', target: '0', digits: 0 },
    },
    run: restartAll,
  };
}

export const rolling = scenario('rolling', 'rolling restart, primary restarted in place', {});
export const rollingSwitchover = scenario('rolling-switchover', 'rolling restart, primary by switchover', {
  primaryUpdateMethod: 'switchover',
});
