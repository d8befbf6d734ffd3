import type { Simulation } from './simulation.ts';

/** Who reaches whom. Places are machines, and `api` for the API server. */
export interface Network {
  /** Pairs that are cut, both ways, with the number of reasons. */
  readonly cuts: Map<string, number>;
}

export const createNetwork = (): Network => ({ cuts: new Map() });

const pairOf = (a: string, b: string): string => (a < b ? `${a}|${b}` : `${b}|${a}`);

export function cut({ cuts }: Network, a: string, b: string): void {
  const pair = pairOf(a, b);
  cuts.set(pair, (cuts.get(pair) ?? 0) + 1);
}

export function heal({ cuts }: Network, a: string, b: string): void {
  const pair = pairOf(a, b);
  const left = (cuts.get(pair) ?? 0) - 1;
  if (left > 0) cuts.set(pair, left);
  else cuts.delete(pair);
}

export function reaches({ cuts }: Network, a: string, b: string): boolean {
  return cuts.size === 0 || a === b || !cuts.has(pairOf(a, b));
}

/** Time that a message takes from machine to machine; now and then a packet is sent twice. */
export function transit({ random }: Simulation): number {
  return random.chance(0.02) ? random.between(5, 250) : random.between(0.1, 1.5);
}
