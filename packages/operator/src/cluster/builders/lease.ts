import type { FailoverQuorum } from '@matriarch/api';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import { type BuildContext, inheritedMeta } from './metadata.ts';

/** The Lease of the primary: made empty; the instance managers take and renew it. */
export function buildPrimaryLease(context: BuildContext): Lease {
  return { metadata: inheritedMeta(context, { name: context.cluster.metadata.name }), spec: {} };
}

/** The object in which the primary notes on whom its synchronous commits depend. */
export function buildFailoverQuorum(context: BuildContext): FailoverQuorum {
  const { name, namespace } = context.cluster.metadata;
  return { metadata: { ...inheritedMeta(context, { name }), name, namespace } };
}
