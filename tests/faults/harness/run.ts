import { type Arena, openArena } from './arena.ts';
import { type Catalogue, openCatalogue } from './catalogue.ts';
import { saveDiagnostics } from './diagnostics.ts';
import { planFaults } from './plan.ts';
import { type FaultResult, lineOf, type RunResult } from './result.ts';
import { runFault } from './run-fault.ts';
import { damage, readEverything } from './truth.ts';

export interface RunOptions {
  readonly seed: number;
  readonly count: number;
  /** Only kinds whose names match. */
  readonly only?: RegExp;
  readonly print: (line: string) => void;
  /** Told after each fault, with everything so far. */
  readonly progress?: (result: RunResult) => void;
  /** Where the logs of a run that met a defect are copied to. */
  readonly diagnostics?: string;
  /** Ends the run; the fault that it interrupts does not count. */
  readonly signal?: AbortSignal;
}

/** Plays the faults of a seed, one after another, on one cluster; on a new one after a fault that did not heal. */
export async function runFaults(options: RunOptions): Promise<RunResult> {
  const catalogue = openCatalogue();
  const { seed, print } = options;
  const startedAt = Date.now();
  const results: FaultResult[] = [];
  const soFar = (): RunResult => ({ seed, startedAt, endedAt: Date.now(), leftOut: catalogue.leftOut, results });
  print(`seed ${seed}: the same faults come again with --seed ${seed}`);
  for (const sentence of catalogue.leftOut) print(sentence);
  let arena: Arena | undefined;
  try {
    for (const fault of planFaults(chosen(catalogue, options.only), seed, options.count)) {
      arena ??= await openArena();
      const result = await runFault(arena, fault, catalogue.network);
      if (options.signal?.aborted) return soFar();
      results.push(result);
      print(lineOf(result, options.count));
      if (result.problems.length > 0 && options.diagnostics !== undefined)
        print(`  logs: ${saveDiagnostics(arena.world, options.diagnostics, result)}`);
      options.progress?.(soFar());
      if (result.problems.length === 0) continue;
      // What is known to be wrong is not to be found again after each further fault.
      await arena.close();
      arena = undefined;
    }
    if (arena !== undefined) await readAll(arena);
  } finally {
    await arena?.close();
    catalogue.network?.close();
  }
  return soFar();
}

/** The last look: every page of every file, and every row. */
async function readAll({ world }: Arena): Promise<void> {
  const problems = await damage(world, new Map());
  if (problems.length > 0) throw new Error(problems.join('; '));
  for (const { name } of world.view().instances) await readEverything(world, name);
}

function chosen({ kinds }: Catalogue, only: RegExp | undefined) {
  const found = kinds.filter(({ name }) => only === undefined || only.test(name));
  if (found.length === 0)
    throw new RangeError(`no kind of fault matches ${only}; there are:\n${kinds.map(({ name }) => name).join('\n')}`);
  return found;
}
