import { isQuorumPublished } from '@matriarch/api';
import type { Draft } from '../draft.ts';
import type { InstanceView } from '../instances.ts';
import { onNewestTimeline } from './evidence.ts';

/** On whom the acknowledgement of a commit depends: `number` of `names`, the primary not among them. */
export interface Confirmation {
  readonly names: readonly string[];
  readonly number: number;
}

/**
 * R + W > N: every set of W standbys that may have confirmed a commit shares a member with the R standbys of `members`,
 * so the best of these has every acknowledged commit. True where commits wait for nobody anyway.
 */
export function quorumAllows(draft: Draft, members: readonly InstanceView[]): boolean {
  const confirmation = confirmationOf(draft);
  if (confirmation === 'asynchronous') return true;
  if (confirmation === 'unknown') return false;
  if (!onNewestTimeline(draft, members)) return false;
  const { names, number } = confirmation;
  const counted = members.filter(({ name }) => names.includes(name));
  return counted.length + number > names.length;
}

/** Whether acknowledged commits are on standbys for sure, so that an election must not lose them. */
export const isConfirmed = (draft: Draft): boolean => confirmationOf(draft) !== 'asynchronous';

/**
 * The primary itself writes down on whom its commits depend, and changes it only when the change is safe; while it has
 * not, nothing is proven. A primary never confirms to itself.
 */
function confirmationOf({ snapshot, status }: Draft): Confirmation | 'asynchronous' | 'unknown' {
  if (!isQuorumPublished(snapshot.cluster)) return 'asynchronous';
  const { standbyNames = [], standbyNumber = 0, primary } = snapshot.owned.failoverQuorum?.status ?? {};
  if (standbyNumber <= 0 || standbyNames.length === 0 || primary !== status.currentPrimary) return 'unknown';
  return { names: standbyNames.filter((name) => name !== status.currentPrimary), number: standbyNumber };
}
