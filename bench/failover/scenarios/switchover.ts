import { type Gap, longestGap } from '../gaps.ts';
import { type Scenario, synchronous } from '../scenario.ts';
import type { System } from '../system.ts';
import { lostRows, movedOn, streamsAgain, unknownOutcomes, withTraffic } from '../traffic.ts';

async function switchOver(system: System, seen: (gap: Gap) => void): Promise<Record<string, number>> {
  const { gap, rejoin, writer } = await withTraffic(system, async (before) => {
    const target = (await system.objects.pods())
      .map(({ metadata }) => metadata?.name ?? '')
      .find((pod) => pod !== before.primary);
    const at = performance.now();
    await system.promote(target ?? '');
    await movedOn(before);
    const longest = longestGap(before.writer.acknowledged, at);
    seen(longest);
    return { ...before, gap: longest.seconds, rejoin: await streamsAgain(system, before.primary, at) };
  });
  await system.healed();
  const lost = (await lostRows(system, [writer])).length;
  return { gap, lost, unknown: await unknownOutcomes(system, writer), rejoin };
}

function scenario(name: string, what: string, spec: Record<string, unknown>): Scenario {
  const rows = (text: string) => ({ what: `${what}: ${text}`, unit: 'rows', target: '0', digits: 0 });
  return {
    name,
    spec,
    measures: {
      gap: { what: `${what}: write gap`, unit: 's', target: '<= 0.5' },
      lost: rows('acknowledged rows lost'),
      unknown: rows('commits of unknown outcome'),
      rejoin: { what: `${what}: the old primary streams again after`, unit: 's', target: '<= 10' },
    },
    run: switchOver,
  };
}

export const switchover = scenario('switchover', 'planned switchover', {});
export const switchoverSync = scenario('switchover-sync', 'planned switchover, synchronous', synchronous);
