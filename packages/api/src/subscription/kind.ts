import { appliedStatus, clusterReference, fixedName, reclaimPolicy } from '../common/databaseObject.ts';
import { type apiVersion, databaseObjectColumns, type KindDefinition, type NamespacedMeta } from '../schema/kind.ts';
import { map, object, required, type Static, string } from '../schema/nodes.ts';

export const subscriptionSpec = object('What the subscription should be.', {
  cluster: required(clusterReference),
  dbname: required(fixedName('dbname', 'Database that holds it.')),
  externalClusterName: required(string('The external cluster that publishes.')),
  name: required(fixedName('name', 'Its name in PostgreSQL.')),
  parameters: map(string(), 'Parameters of CREATE SUBSCRIPTION.'),
  publicationDBName: string('Database of the publication. Empty: the one in the connection parameters.'),
  publicationName: required(string('Name of the publication.')),
  subscriptionReclaimPolicy: reclaimPolicy,
});
export type SubscriptionSpec = Static<typeof subscriptionSpec>;

export const subscriptionStatus = object('What the subscription is.', appliedStatus);
export type SubscriptionStatus = Static<typeof subscriptionStatus>;

export interface Subscription {
  apiVersion?: typeof apiVersion;
  kind?: 'Subscription';
  metadata: NamespacedMeta;
  spec: SubscriptionSpec;
  status?: SubscriptionStatus;
}

export const subscriptionKind: KindDefinition = {
  kind: 'Subscription',
  plural: 'subscriptions',
  singular: 'subscription',
  scope: 'Namespaced',
  description: 'A subscription of logical replication inside a cluster.',
  spec: subscriptionSpec,
  status: subscriptionStatus,
  statusSubresource: true,
  columns: databaseObjectColumns,
};
