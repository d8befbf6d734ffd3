import type { Cluster } from '@matriarch/api';
import type { Draft } from '../draft.ts';
import type { InstanceView } from '../instances.ts';

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
  const { names, number } = confirmation;
  const counted = members.filter(({ name }) => names.includes(name));
  return counted.length + number > names.length;
}

/** Whether acknowledged commits are on standbys for sure, so that an election must not lose them. */
export const isConfirmed = (draft: Draft): boolean => confirmationOf(draft) !== 'asynchronous';

/**
 * With `failoverQuorum` the primary itself has written down on whom its commits depend; while it has not, nothing is
 * proven. Without it, the rule of the specification counts. A primary never confirms to itself.
 */
function confirmationOf({ snapshot, status }: Draft): Confirmation | 'asynchronous' | 'unknown' {
  const synchronous = snapshot.cluster.spec.postgresql?.synchronous;
  const others = (names: readonly string[]) => names.filter((name) => name !== status.currentPrimary);
  if (synchronous?.failoverQuorum) {
    const { standbyNames = [], standbyNumber = 0 } = snapshot.owned.failoverQuorum?.status ?? {};
    if (standbyNumber <= 0 || standbyNames.length === 0) return 'unknown';
    return { names: others(standbyNames), number: standbyNumber };
  }
  if (!isRequired(synchronous)) return 'asynchronous';
  return { names: others(status.instanceNames ?? []), number: synchronous.number };
}

type Synchronous = NonNullable<NonNullable<Cluster['spec']['postgresql']>['synchronous']>;

/**
 * With `preferred` durability a commit may wait for nobody, and standbys from outside may be the only ones that
 * confirmed it: there is nothing to prove by instances alone.
 */
function isRequired(synchronous: Synchronous | undefined): synchronous is Synchronous {
  if (synchronous === undefined || synchronous.dataDurability === 'preferred') return false;
  return (synchronous.standbyNamesPre ?? []).length === 0 && (synchronous.standbyNamesPost ?? []).length === 0;
}
