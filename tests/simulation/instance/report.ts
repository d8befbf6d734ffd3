/** What a manager tells the operators that follow it (packages/instance/src/status). */
import type { InstanceReport } from '../../../packages/operator/src/instances/report.ts';
import { reaches, transit } from '../engine/network.ts';
import { after } from '../engine/simulation.ts';
import { receiveReport } from '../operator/pool.ts';
import { lsnText, timelineAt } from '../postgres/wal.ts';
import type { World } from '../world.ts';
import type { Manager } from './manager.ts';

/** Something may have changed: a report follows soon, if it did. */
export function notifyFeed(world: World, manager: Manager, ms = 5): void {
  const { sim } = world;
  const at = sim.now + ms;
  if (manager.feed?.run && manager.feed.at <= at) return;
  if (manager.feed) manager.feed.run = undefined;
  manager.feed = after(sim, manager.actor, ms, () => {
    manager.feed = undefined;
    send(world, manager);
  });
}

function send(world: World, manager: Manager): void {
  const report = reportOf(world, manager);
  const text = Object.values(report).join();
  if (text === manager.lastReport) return;
  manager.lastReport = text;
  for (const operator of world.operators) tell(world, manager, operator, report);
}

export function tell(
  world: World,
  manager: Manager,
  operator: World['operators'][number],
  report: InstanceReport,
): void {
  const { sim, network } = world;
  if (!operator.actor.alive) return;
  if (!reaches(network, manager.machine.name, operator.place)) {
    manager.lastReport = '';
    return;
  }
  after(sim, operator.actor, transit(sim), () => {
    if (!reaches(network, manager.machine.name, operator.place)) manager.lastReport = '';
    else receiveReport(world, operator, manager, report);
  });
}

const patienceMs = 10_000;

/** Whether PostgreSQL, or the volume of a primary, does not answer. */
export function isUnresponsive({ server, disk }: Manager): boolean {
  if (server === undefined || server.state !== 'running') return false;
  return server.actor.frozen > 0 || (server.primary && disk.hung > 0);
}

export function reportOf(world: World, manager: Manager): InstanceReport {
  const { server, disk, state } = manager;
  const base = {
    ...{ isPrimary: false, systemID: '7', executableHash: 'h', instanceManagerVersion: '1', sessionID: '' },
    ...(state.primaryUnreachable ? { primaryUnreachable: true } : {}),
    ...(state.targetSeen === undefined ? {} : { targetSeen: state.targetSeen }),
    ...unresponsive(world, manager),
  };
  if (state.rewinding) return { ...base, isPgRewindRunning: true };
  if (state.fenced && server === undefined) return { ...base, isPrimary: !disk.standby, mightBeUnavailable: true };
  if (state.ended) return { ...base, isPrimary: !disk.standby, postgresqlEnded: true };
  if (server?.state !== 'running') return { isPrimary: false, unavailable: 'PostgreSQL does not run' };
  if (server.primary) {
    return { ...base, isPrimary: true, currentLsn: lsnText(disk.written), timeLineID: disk.branch.timeline };
  }
  const place = lsnText(world.decisions.receivedLsn(disk));
  return {
    ...base,
    receivedLsn: place,
    replayLsn: place,
    timeLineID: timelineAt({ branch: disk.branch, lsn: disk.flushed }),
    ...(server.receiver === undefined ? {} : { isWalReceiverActive: true }),
  };
}

export function isLongUnresponsive(world: World, { unresponsiveSince }: Manager): boolean {
  return unresponsiveSince !== undefined && world.sim.now - unresponsiveSince >= patienceMs;
}

function unresponsive(world: World, manager: Manager): Partial<InstanceReport> {
  if (!isLongUnresponsive(world, manager)) return {};
  return { unresponsiveSince: 'then', unresponsiveReason: 'PostgreSQL or its volume does not answer' };
}
