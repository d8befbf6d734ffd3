import type { FaultKind } from './kinds/kind.ts';
import { seeded } from './random.ts';

export interface PlannedFault {
  readonly number: number;
  readonly kind: FaultKind;
  /** Its own choices, so that one fault can be told from its number alone. */
  readonly seed: number;
}

/**
 * Which faults, in which order: every kind once, shuffled, then every kind once more, so that a short run meets as many kinds
 * as it can. The first is the same for the same seed and kinds.
 */
export function planFaults(kinds: readonly FaultKind[], seed: number, count: number): PlannedFault[] {
  const random = seeded(seed);
  const planned: PlannedFault[] = [];
  while (planned.length < count && kinds.length > 0) {
    for (const kind of random.shuffled(kinds).slice(0, count - planned.length)) {
      planned.push({ number: planned.length + 1, kind, seed: random.between(0, 2 ** 31) });
    }
  }
  return planned;
}
