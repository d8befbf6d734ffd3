/** One fault on a running cluster: done, healed, and everything compared. */
import { until } from '../../e2e/support/until.ts';
import type { Arena } from './arena.ts';
import type { Network } from './network.ts';
import type { PlannedFault } from './plan.ts';
import { seeded } from './random.ts';
import type { FaultResult } from './result.ts';
import { damage, doubleReign, lostRows, outOfStep, outsideHistory } from './truth.ts';
import { longestOverlap } from './watcher.ts';
import { requireHealthy } from './world.ts';

const healLimitMs = 90_000;
const writeLimitMs = 30_000;
const newRows = 20;
/** Tables that stay and are compared again and again. */
const keptEpochs = 5;
/** What is frozen cannot end itself; what it may still take when it thaws, until it is ended. */
const thawLimitMs = 1000;

export async function runFault(arena: Arena, fault: PlannedFault, network: Network | undefined): Promise<FaultResult> {
  const { world, ledger, watcher } = arena;
  const { kind, number } = fault;
  const problems: string[] = [];
  let about = '';
  const before = world.view().currentPrimary;
  const startedAt = Date.now();
  const start = performance.now();
  ledger.mark();
  const totalBefore = ledger.total;
  let healedMs: number | undefined;
  try {
    await kind.inject({ world, random: seeded(fault.seed), network, note: (text) => (about = text) });
    await until('one primary, and standbys that stream', healLimitMs, () => requireHealthy(world));
    healedMs = performance.now() - start;
    const healed = ledger.total;
    await until('rows are written again', writeLimitMs, () => ledger.total > healed + newRows);
  } catch (error) {
    problems.push(messageOf(error));
  }
  const outage = ledger.longestGap();
  const after = world.view().currentPrimary;
  const overlapMs = longestOverlap(watcher.spans(), startedAt)?.milliseconds ?? 0;
  if (kind.primary === 'stays' && after !== before) problems.push(`${before} was replaced by ${after} for no reason`);
  if (overlapMs > (kind.group === 'freeze' ? thawLimitMs : 0))
    problems.push(`two instances took writes for ${Math.round(overlapMs)} ms`);
  const { unknown, lost } = healedMs === undefined ? { unknown: 0, lost: 0 } : await settle(arena, problems, startedAt);
  return {
    number,
    kind: kind.name,
    group: kind.group,
    about,
    startedAt,
    healedMs,
    outage,
    acknowledged: ledger.total - totalBefore,
    lost,
    unknown,
    primaries: [before, after],
    overlapMs,
    problems,
  };
}

/** Ends the epoch and compares it, and those before it, with what is there. */
async function settle(arena: Arena, problems: string[], since: number) {
  const { world, ledger, kept, define } = arena;
  let unknown = 0;
  let lost = 0;
  try {
    const epoch = await ledger.next();
    if (epoch !== undefined) kept.push(epoch);
    unknown = epoch?.unknown ?? 0;
    const reigns = [...ledger.reigns.values()];
    const inStep = await outOfStep(world, kept);
    const compared = await lostRows(world, kept);
    lost = compared.lost;
    problems.push(
      ...inStep,
      ...compared.problems,
      ...(await outsideHistory(world, reigns)),
      ...doubleReign(reigns, since),
      ...(await damage(world, arena.clean)),
    );
    while (kept.length > keptEpochs) await define(`DROP TABLE IF EXISTS ${kept.shift()?.table}`);
  } catch (error) {
    problems.push(`the comparison failed: ${messageOf(error)}`);
  }
  return { unknown, lost };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
