// What Database, DatabaseRole, Publication and Subscription have in common: an object inside PostgreSQL.
import { localObjectReference } from '../kubernetes/index.ts';
import { immutable } from '../schema/kind.ts';
import { boolean, integer, string } from '../schema/nodes.ts';

/** The cluster that the object belongs to. */
export const clusterReference = {
  ...localObjectReference,
  description: 'The cluster that this belongs to.',
  rules: [{ rule: 'self == oldSelf', message: 'cluster reference is immutable after creation' }],
} as const;

export const reclaimPolicy = string('What happens inside PostgreSQL when this object is deleted.', {
  enum: ['delete', 'retain'],
  default: 'retain',
});

export const fixedName = (subject: string, description: string) => string(description, { rules: [immutable(subject)] });

export const appliedStatus = {
  applied: boolean('Whether PostgreSQL is as described.'),
  message: string('Why it is not.'),
  observedGeneration: integer('Generation of the description that was applied.', { format: 'int64' }),
};
