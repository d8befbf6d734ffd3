import type { Plan } from '../../../packages/operator/src/cluster/actions.ts';
import type { Operator } from '../operator/operator.ts';

/** The same words to the API server so often are an endless loop, whatever else goes on. */
const limit = 60;

/** Counts what an operator wants to write; times in it do not count. Gives what was repeated too often. */
export function countWrites(writes: Map<string, number>, { actor }: Operator, plan: Plan): string | undefined {
  for (const action of plan.actions) {
    if (action.kind === 'recordRollout') continue;
    const text = `${actor.name} ${JSON.stringify(action).replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"|"resourceVersion":"\d+"/g, '"time"')}`;
    const count = (writes.get(text) ?? 0) + 1;
    writes.set(text, count);
    if (count === limit) return `${limit} times: ${text.slice(0, 200)}`;
  }
  return undefined;
}
