/** What became of a step. */

export interface Outcome {
  passed: boolean;
  /** Which step: `POST /api/v1/namespaces`. */
  step: string;
  why?: string;
}

export interface Tally {
  outcomes: Outcome[];
  add(step: string, why: string | undefined): void;
}

export function createTally(): Tally {
  const outcomes: Outcome[] = [];
  return {
    outcomes,
    add: (step, why) => void outcomes.push(why === undefined ? { passed: true, step } : { passed: false, step, why }),
  };
}
