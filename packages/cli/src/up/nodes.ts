import { CommandError } from '../errors.ts';

const zones = ['a', 'b', 'c'];
const region = 'us-west-2';

/** Virtual nodes, spread over three zones. */
export function virtualNodes(count: number): { name: string; zone: string; region: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `node-${index + 1}`,
    zone: `${region}${zones[index % zones.length]}`,
    region,
  }));
}

/** @throws CommandError unless the text is a whole number within the limits. */
export function parseCount(flag: string, text: string, least: number, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw new CommandError(`${flag} "${text}" is not a whole number from ${least} to ${most}`);
}
