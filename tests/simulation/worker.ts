/** A thread that plays the seeds it is sent. */
import { parentPort } from 'node:worker_threads';
import { mutations } from './mutations/mutations.ts';
import { runSchedule } from './run.ts';
import { added, noTotals, type Totals } from './totals.ts';

export interface Task {
  readonly from: number;
  readonly count: number;
  /** Name of the mutation that is played; '' = the real decisions. */
  readonly mutation: string;
  /** The first failure ends it. */
  readonly stopAtFailure: boolean;
}

function play({ from, count, mutation, stopAtFailure }: Task): Totals {
  const changed = mutations.find(({ name }) => name === mutation);
  let totals = noTotals;
  for (let seed = from; seed < from + count; seed += 1) {
    totals = added(totals, runSchedule(seed, changed));
    if (stopAtFailure && totals.failures.length > 0) break;
  }
  return totals;
}

parentPort?.on('message', (task: Task) => parentPort?.postMessage(play(task)));
