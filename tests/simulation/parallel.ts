import { Worker } from 'node:worker_threads';
import { joined, noTotals, type Totals } from './totals.ts';
import type { Task } from './worker.ts';

export interface Many {
  readonly from: number;
  readonly count: number;
  readonly threads: number;
  readonly mutation?: string;
  /** No new seeds are handed out after the first failure. */
  readonly stopAtFailure?: true;
  readonly onProgress?: (totals: Totals) => void;
}

const chunk = 100;

/** Plays many seeds on some threads. */
export async function runMany(options: Many): Promise<Totals> {
  const { from, count, mutation = '' } = options;
  const stopAtFailure = options.stopAtFailure === true;
  const tasks: Task[] = [];
  for (let at = from; at < from + count; at += chunk) {
    tasks.push({ from: at, count: Math.min(chunk, from + count - at), mutation, stopAtFailure });
  }
  let totals = noTotals;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    try {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
        const played = await ask(worker, task);
        totals = joined(totals, played);
        options.onProgress?.(totals);
        if (stopAtFailure && totals.failures.length > 0) tasks.length = 0;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.threads, tasks.length) }, work));
  return totals;
}

function ask(worker: Worker, task: Task): Promise<Totals> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (totals: Totals) => {
      worker.off('error', reject);
      resolve(totals);
    });
    worker.postMessage(task);
  });
}
