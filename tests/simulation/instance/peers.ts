import { reaches, transit } from '../engine/network.ts';
import { after, cancel } from '../engine/simulation.ts';
import type { World } from '../world.ts';
import type { Manager } from './manager.ts';

const patienceMs = 1000;

/** A question to the manager behind an address; undefined = no answer in time. A frozen one answers when it goes on. */
export function askPeer<T>(
  world: World,
  asking: Manager,
  address: string,
  answer: (asked: Manager) => T,
  done: (answer: T | undefined) => void,
): void {
  const { sim, network } = world;
  const timeout = after(sim, asking.actor, patienceMs, () => done(undefined));
  const asked = managerAt(world, address);
  if (asked === undefined || !reaches(network, asking.machine.name, asked.machine.name)) return;
  after(sim, asked.actor, transit(sim) + 1, () => {
    const value = answer(asked);
    if (!reaches(network, asking.machine.name, asked.machine.name)) return;
    after(sim, asking.actor, transit(sim), () => {
      if (timeout.run === undefined) return;
      cancel(timeout);
      done(value);
    });
  });
}

export function managerAt(world: World, address: string): Manager | undefined {
  for (const pod of world.pods.values()) if (pod.address === address) return pod.manager;
  return undefined;
}
