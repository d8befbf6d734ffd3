import { setTimeout as delay } from 'node:timers/promises';
import type { Network } from '../network.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

export type FaultGroup = 'kill' | 'freeze' | 'cut' | 'delete' | 'restart' | 'disk';

/** What a fault is done with. */
export interface Stage {
  readonly world: World;
  readonly random: Random;
  /** Where the machine allows cuts. */
  readonly network: Network | undefined;
  /** Tells which objects and for how long; it is kept with the result. */
  note(text: string): void;
}

/** What the primary does under a fault. */
export type Expectation =
  /** Another may be promoted. */
  | 'may move'
  /** This alone demotes nobody. */
  | 'stays';

export interface FaultKind {
  readonly name: string;
  readonly group: FaultGroup;
  readonly primary: Expectation;
  /** Does it, lifts it, and resolves when the system has noticed it and can be asked whether it has healed. */
  inject(stage: Stage): Promise<void>;
}

/** Shorter than the lease, or longer. */
export type Length = 'short' | 'long';

export function secondsOf(random: Random, length: Length): number {
  return length === 'short' ? random.between(1, 3) : random.between(9, 12);
}

/** Holds a fault for its time, and lifts it whatever happens. */
export async function hold(seconds: number, lift: () => void, whileHeld: () => void = () => undefined): Promise<void> {
  const end = performance.now() + seconds * 1000;
  try {
    while (performance.now() < end) {
      whileHeld();
      await delay(Math.max(1, Math.min(100, end - performance.now())));
    }
  } finally {
    lift();
  }
}
