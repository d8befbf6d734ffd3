import { type Actor, after, createActor, type Entry, type Simulation } from './simulation.ts';

/** A node, with a clock of its own: it started at another time and goes a little faster or slower. */
export interface Machine {
  readonly name: string;
  readonly rate: number;
  readonly offset: number;
  readonly kubelet: Actor;
  /** Why everything on it stands still; 0 = it does not. */
  frozen: number;
  up: boolean;
}

export function createMachine({ random }: Simulation, name: string): Machine {
  return {
    name,
    rate: random.between(0.92, 1.1),
    offset: random.between(0, 1e6),
    kubelet: createActor(`kubelet/${name}`),
    frozen: 0,
    up: true,
  };
}

/** The monotonic clock of a machine. */
export const clockOf = (sim: Simulation, machine: Machine): number => machine.offset + sim.now * machine.rate;

/** Waits by the clock of a machine. */
export function afterLocal(sim: Simulation, machine: Machine, actor: Actor, ms: number, run: () => void): Entry {
  return after(sim, actor, ms / machine.rate, run);
}
