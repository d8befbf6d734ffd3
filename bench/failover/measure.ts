import type { Row } from '../support.ts';
import type { Options } from './arguments.ts';
import { onInterrupt } from './interrupt.ts';
import type { Measure, Scenario } from './scenario.ts';
import { startSystem } from './system.ts';
import { startTrace } from './trace.ts';

/** Plays a scenario several times on one system; each run is told on standard error. */
export async function measure(scenario: Scenario, { runs, trace }: Options): Promise<Row[]> {
  const system = await startSystem(scenario.spec);
  const calm = onInterrupt(system.stop);
  const tracing = trace ? startTrace(system) : undefined;
  try {
    return await repeat(scenario.name, scenario.measures, runs, () =>
      scenario.run(system, (gap) => tracing?.print(gap)),
    );
  } finally {
    calm();
    tracing?.stop();
    await system.stop();
  }
}

export type Figures = Readonly<Record<string, number>>;

/** Runs something several times and makes a row of each figure. */
export async function repeat(
  name: string,
  measures: Readonly<Record<string, Measure>>,
  runs: number,
  run: () => Promise<Figures>,
): Promise<Row[]> {
  const found: Figures[] = [];
  for (let number = 1; number <= runs; number += 1) {
    const figures = await run();
    found.push(figures);
    const text = Object.entries(figures).map(([key, value]) => `${key} ${Number(value.toFixed(3))}`);
    console.error(`${new Date().toISOString()} ${name} ${number}/${runs}: ${text.join(', ')}`);
  }
  return Object.entries(measures).map(([key, { what, unit, target, digits = 2 }]) => ({
    what,
    unit,
    target,
    digits,
    values: found.map((figures) => figures[key] ?? Number.NaN),
  }));
}
