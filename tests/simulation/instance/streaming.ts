import { after } from '../engine/simulation.ts';
import { endReceiver, keepConnecting } from '../postgres/replication.ts';
import type { World } from '../world.ts';
import type { Manager } from './manager.ts';

/** Takes the primary out of the configuration; the receiver ends a moment later. */
export function cutReceiver(world: World, manager: Manager, done: () => void): void {
  manager.receiverCut = true;
  manager.disk.connected = false;
  const { server } = manager;
  if (server) {
    after(world.sim, server.actor, world.sim.random.between(2, 60), () => {
      if (!manager.disk.connected) endReceiver(world, server);
    });
  }
  after(world.sim, manager.actor, 1, done);
}

export function openReceiver(world: World, manager: Manager, done: () => void): void {
  manager.receiverCut = false;
  manager.disk.connected = true;
  if (manager.server) keepConnecting(world, manager.server);
  after(world.sim, manager.actor, 1, done);
}
