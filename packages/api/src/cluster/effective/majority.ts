/** Of so many instances, how many make a majority. */
export const majority = (count: number): number => Math.floor(count / 2) + 1;

/** True when those who withdrew leave the holder of the Lease without a majority, whoever else votes for it. */
export function leavesNoMajority(electorate: readonly string[], withdrawn: ReadonlySet<string>): boolean {
  const left = electorate.filter((name) => !withdrawn.has(name));
  return left.length < majority(electorate.length);
}
