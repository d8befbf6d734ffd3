import type { Draft } from '../draft.ts';

/**
 * R + W > N: every set of W standbys that may have confirmed a commit shares a member with the R standbys that can be
 * reached, so the best of these has every acknowledged commit.
 */
export function quorumAllows({ snapshot, instances }: Draft): boolean {
  const { standbyNames = [], standbyNumber = 0 } = snapshot.owned.failoverQuorum?.status ?? {};
  if (standbyNumber <= 0 || standbyNames.length === 0) return false;
  const reachable = instances.filter(({ name, report, ready }) => report && ready && standbyNames.includes(name));
  return reachable.length + standbyNumber > standbyNames.length;
}
