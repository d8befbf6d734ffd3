/** Whether this standby reaches the manager of its primary (packages/instance/src/standby/contact.ts). */
import { peersOf } from '../../../packages/instance/src/authority/peers.ts';
import { reaches } from '../engine/network.ts';
import { after } from '../engine/simulation.ts';
import type { World } from '../world.ts';
import { look } from './lease.ts';
import { clusterOf, type Manager } from './manager.ts';
import { managerAt } from './peers.ts';
import { isUnresponsive, notifyFeed } from './report.ts';

const calmMs = 1000;
const doubtMs = 250;
const patienceMs = 1000;

/** Something happened that may keep the primary from answering: every manager looks within a second. */
export function doubtAll(world: World): void {
  for (const { manager } of world.pods.values()) if (manager?.actor.alive) doubt(world, manager);
}

/** As long as all is well the questions of each second change nothing, so they are not played. */
export function doubt(world: World, manager: Manager): void {
  if (manager.asking) return;
  manager.asking = true;
  after(world.sim, manager.actor, world.sim.random.between(0, calmMs), () => ask(world, manager));
}

function ask(world: World, manager: Manager): void {
  checkServer(world, manager);
  const outcome = reachPrimary(world, manager);
  if (outcome === 'answer') {
    settle(world, manager, 0);
    manager.asking = isUnresponsive(manager);
    if (manager.asking) after(world.sim, manager.actor, calmMs, () => ask(world, manager));
    return;
  }
  after(world.sim, manager.actor, outcome === 'refusal' ? 1 : patienceMs, () => {
    if (manager.held === undefined) look(world, manager, () => undefined);
    settle(world, manager, manager.misses + (outcome === 'refusal' ? 2 : 1));
    after(world.sim, manager.actor, manager.misses > 4 ? 4 * doubtMs : doubtMs, () => ask(world, manager));
  });
}

/** Told when it has lasted for ten seconds, and when it is over. */
function checkServer(world: World, manager: Manager): void {
  if (isUnresponsive(manager)) manager.unresponsiveSince ??= world.sim.now;
  else manager.unresponsiveSince = undefined;
  notifyFeed(world, manager);
}

function settle(world: World, manager: Manager, misses: number): void {
  manager.misses = misses;
  const unreachable = misses >= 2;
  if (manager.state.primaryUnreachable === unreachable) return;
  manager.state.primaryUnreachable = unreachable;
  notifyFeed(world, manager);
}

function reachPrimary(world: World, manager: Manager): 'answer' | 'refusal' | 'silence' {
  const cluster = clusterOf(manager);
  const primary = cluster?.status?.currentPrimary ?? '';
  if (cluster === undefined || primary === '' || primary === manager.name) return 'answer';
  const peer = peersOf(cluster, manager.name).find(({ name }) => name === primary);
  if (peer === undefined) return 'answer';
  const asked = managerAt(world, peer.address);
  if (asked === undefined) return 'silence';
  if (!asked.machine.up || !reaches(world.network, manager.machine.name, asked.machine.name)) return 'silence';
  if (!asked.actor.alive) return asked.machine.frozen > 0 ? 'silence' : 'refusal';
  return asked.actor.frozen > 0 ? 'silence' : 'answer';
}
