import type {
  Backup,
  Cluster,
  Database,
  DatabaseRole,
  FailoverQuorum,
  Publication,
  Subscription,
} from '@matriarch/api';
import { defineResource } from '@matriarch/kubernetes';

const own = { group: 'postgresql.cnpg.io', version: 'v1', namespaced: true };

/** The custom resources that the manager reads and writes. */
export const clusters = defineResource<Cluster>({ ...own, kind: 'Cluster', plural: 'clusters' });
export const backups = defineResource<Backup>({ ...own, kind: 'Backup', plural: 'backups' });
export const databases = defineResource<Database>({ ...own, kind: 'Database', plural: 'databases' });
export const publications = defineResource<Publication>({ ...own, kind: 'Publication', plural: 'publications' });
export const subscriptions = defineResource<Subscription>({ ...own, kind: 'Subscription', plural: 'subscriptions' });
export const databaseRoles = defineResource<DatabaseRole>({ ...own, kind: 'DatabaseRole', plural: 'databaseroles' });
export const failoverQuorums = defineResource<FailoverQuorum>({
  ...own,
  kind: 'FailoverQuorum',
  plural: 'failoverquorums',
});
