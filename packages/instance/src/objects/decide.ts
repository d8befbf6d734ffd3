/**
 * What to do with an object that describes something inside PostgreSQL (Database, Publication, Subscription,
 * DatabaseRole). Only the primary acts. The finalizer is there before anything is made, so a deletion is always seen;
 * dropping twice is harmless, so a crash between the drop and the removal of the finalizer is too.
 */
export interface ObjectView {
  readonly cluster: string;
  readonly deleting: boolean;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly applied: boolean;
  readonly hasFinalizer: boolean;
  readonly reclaim: 'delete' | 'retain';
  /** Another object that already manages the same thing. */
  readonly rival: string | undefined;
  /** Something outside the object changed, such as its password. */
  readonly stale: boolean;
}

export interface PrimaryView {
  readonly cluster: string;
  /** This instance is the primary and no switchover is under way. */
  readonly acting: boolean;
  readonly replicaCluster: boolean;
}

export type ObjectStep =
  | { readonly kind: 'ignore' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'awaitPrimaryCluster' }
  | { readonly kind: 'addFinalizer' }
  | { readonly kind: 'release'; readonly drop: boolean }
  | { readonly kind: 'reject'; readonly rival: string }
  | { readonly kind: 'apply' };

export function decideObject(object: ObjectView, primary: PrimaryView): ObjectStep {
  if (object.cluster !== primary.cluster) return { kind: 'ignore' };
  if (!primary.acting) return { kind: 'wait' };
  if (object.deleting) {
    if (!object.hasFinalizer) return { kind: 'ignore' };
    const drop = object.reclaim === 'delete' && object.observedGeneration > 0 && !primary.replicaCluster;
    return { kind: 'release', drop };
  }
  if (object.applied && object.observedGeneration === object.generation && !object.stale) return { kind: 'ignore' };
  if (primary.replicaCluster) return { kind: 'awaitPrimaryCluster' };
  if (object.rival !== undefined) return { kind: 'reject', rival: object.rival };
  return object.hasFinalizer ? { kind: 'apply' } : { kind: 'addFinalizer' };
}
