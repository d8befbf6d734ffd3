import { type Play, runSchedule } from './run.ts';

/** One schedule told line by line: time, who, what. */
export function replay(seed: number, play: Omit<Play, 'trace'> = {}): string[] {
  const lines: string[] = [];
  const { failure, steps, virtualMs } = runSchedule(seed, { ...play, trace: lines });
  const end = failure === undefined ? 'healthy' : `${failure.rule}: ${failure.text}`;
  return [...lines, `${steps} steps, ${(virtualMs / 1000).toFixed(1)} s: ${end}`];
}

/** The command that shows a schedule again. */
export const replayCommand = (seed: number, mutation = ''): string =>
  `npm run simulate -- --replay ${seed}${mutation === '' ? '' : ` --mutation '${mutation}'`}`;
