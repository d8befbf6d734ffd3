import { array, boolean, integer, object, required, type Static, string } from '../../schema/nodes.ts';

export const replicationSlots = object(
  'Replication slots that are kept in step on all instances.',
  {
    highAvailability: object(
      'One slot for each standby, so that the primary keeps the WAL that it still needs.',
      {
        enabled: boolean('Whether these slots are used.', { default: true }),
        slotPrefix: string('Text before the instance name in the name of a slot.', {
          default: '_cnpg_',
          pattern: '^[0-9a-z_]*$',
        }),
        synchronizeLogicalDecoding: boolean('Keep logical slots usable after a failover.'),
      },
      { default: { enabled: true } },
    ),
    synchronizeReplicas: object('Slots made by users, kept in step on the standbys.', {
      enabled: required(boolean('Whether slots made by users are kept in step.', { default: true })),
      excludePatterns: array(string(), 'Patterns of slot names to leave alone.'),
    }),
    updateInterval: integer('Seconds between two updates of the slots on a standby.', { default: 30, minimum: 1 }),
  },
  { default: { highAvailability: { enabled: true } } },
);
export type ReplicationSlots = Static<typeof replicationSlots>;

export const replica = object('Follow another cluster instead of being a primary.', {
  enabled: boolean('Whether this cluster is a replica; for a stand-alone replica cluster.'),
  minApplyDelay: string('Apply changes only when they are this old, such as 1h30m.'),
  primary: string('The cluster that is the primary of a distributed topology.'),
  promotionToken: string('Token of the demoted primary; this cluster waits for it before promotion.'),
  self: string('Name of this cluster in a distributed topology. Empty: the name of the object.'),
  source: required(string('The external cluster to follow.', { minLength: 1 })),
});
export type ReplicaCluster = Static<typeof replica>;

const seconds = (description: string, value: number) =>
  integer(description, { default: value, minimum: 1, format: 'int32' });

export const primaryLease = object('The lease that only one primary can hold.', {
  leaseDurationSeconds: seconds('How long a lease holds without renewal.', 15),
  releasedLeaseDurationSeconds: seconds('How long a lease holds that was given up.', 1),
  renewDeadlineSeconds: seconds('How long the holder tries to renew before it gives up.', 10),
  retryPeriodSeconds: seconds('Time between two tries.', 2),
});
export type PrimaryLease = Static<typeof primaryLease>;
