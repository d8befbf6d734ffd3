import { after, endActor, freeze, thaw } from '../engine/simulation.ts';
import { startOperator } from '../operator/operator.ts';
import type { World } from '../world.ts';
import type { End } from './processes.ts';

const living = (world: World) => world.operators.filter(({ actor }) => actor.alive);

const nextName = (world: World): string => `operator-${world.operators.length + 1}`;

export function restartOperator(world: World): End {
  for (const operator of living(world)) endActor(operator.actor);
  after(world.sim, undefined, world.sim.random.between(200, 4000), () => {
    // Another one may have taken over meanwhile.
    if (living(world).length === 0) startOperator(world, nextName(world), 'op-1');
  });
  return undefined;
}

/**
 * Another operator takes over. One that runs gives up its place first; one that stands still goes on for a moment when it
 * wakes, with what it knew.
 */
export function takeOver(world: World): End {
  const { random } = world.sim;
  for (const { actor } of living(world)) {
    if (random.chance(0.4)) {
      endActor(actor);
      continue;
    }
    freeze(actor);
    after(world.sim, undefined, random.between(100, 8000), () => {
      thaw(world.sim, actor);
      after(world.sim, undefined, random.between(5, 800), () => endActor(actor));
    });
  }
  const next = startOperator(world, nextName(world), 'op-2');
  // Its first list may come from a cache of the API server that is behind.
  if (random.chance(0.5)) next.watcher.silentUntil = world.sim.now + random.between(10, 500);
  return undefined;
}
