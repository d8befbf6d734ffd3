import type { Random } from '../random.ts';
import { standbysOf } from '../view.ts';
import type { World } from '../world.ts';

export type Role = 'primary' | 'standby';

/** The instance that has a role at this moment. */
export function instanceOf(world: World, random: Random, role: Role): string {
  const view = world.view();
  if (role === 'primary') return view.currentPrimary;
  return random.pick(standbysOf(view)).name;
}

export const operatorName = (world: World): string => {
  const { operator } = world.view();
  if (operator === undefined) throw new Error('no operator runs');
  return operator.name;
};
