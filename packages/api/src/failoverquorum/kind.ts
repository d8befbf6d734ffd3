import { ageColumn, type apiVersion, type KindDefinition, type NamespacedMeta } from '../schema/kind.ts';
import { array, integer, object, type Static, string } from '../schema/nodes.ts';

export const failoverQuorumStatus = object('The synchronous replication that is in force.', {
  method: string('any or first.'),
  primary: string('The primary that it holds for.'),
  standbyNames: array(string(), 'The standbys that may be synchronous.'),
  standbyNumber: integer('Number of standbys that must confirm a commit.'),
});
export type FailoverQuorumStatus = Static<typeof failoverQuorumStatus>;

export interface FailoverQuorum {
  apiVersion?: typeof apiVersion;
  kind?: 'FailoverQuorum';
  metadata: NamespacedMeta;
  status?: FailoverQuorumStatus;
}

export const failoverQuorumKind: KindDefinition = {
  kind: 'FailoverQuorum',
  plural: 'failoverquorums',
  singular: 'failoverquorum',
  scope: 'Namespaced',
  description: 'What a safe failover of a cluster depends on; kept by the operator.',
  status: failoverQuorumStatus,
  statusSubresource: true,
  columns: [ageColumn],
};
