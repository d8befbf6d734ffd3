import { roleFields } from '../cluster/schema/managed.ts';
import { appliedStatus, clusterReference, reclaimPolicy } from '../common/databaseObject.ts';
import { condition } from '../kubernetes/index.ts';
import { type apiVersion, databaseObjectColumns, type KindDefinition, type NamespacedMeta } from '../schema/kind.ts';
import { array, boolean, object, required, type Static, string } from '../schema/nodes.ts';

const reserved = (rule: string, message: string) => ({ rule, message });

export const databaseRoleSpec = object(
  'What the role should be.',
  {
    ...roleFields,
    clientCertificate: object('A client certificate for the role, kept in a Secret.', {
      enabled: boolean('Whether one is made.', { default: true }),
    }),
    cluster: required(clusterReference),
    databaseRoleReclaimPolicy: reclaimPolicy,
  },
  {
    rules: [
      { rule: 'self.name == oldSelf.name', message: 'name is immutable' },
      {
        rule: "!has(self.ensure) || self.ensure != 'absent'",
        message:
          'ensure: absent is not supported for DatabaseRole; delete the resource with databaseRoleReclaimPolicy: delete instead',
      },
      reserved("self.name != 'postgres'", 'the role name postgres is reserved'),
      reserved("self.name != 'streaming_replica'", 'the role name streaming_replica is reserved'),
      reserved("!self.name.startsWith('pg_')", 'role names starting with pg_ are reserved by PostgreSQL'),
      reserved("!self.name.startsWith('cnpg_')", 'role names starting with cnpg_ are reserved by the operator'),
      reserved('self.name.size() != 0', 'role name must not be empty'),
      {
        rule: '!has(self.passwordSecret) || !has(self.disablePassword) || !self.disablePassword',
        message: 'passwordSecret and disablePassword are mutually exclusive',
      },
      {
        rule: '!has(self.clientCertificate) || !self.clientCertificate.enabled || self.login',
        message: 'clientCertificate requires the role to have login enabled',
      },
    ],
  },
);
export type DatabaseRoleSpec = Static<typeof databaseRoleSpec>;

export const databaseRoleStatus = object('What the role is.', {
  ...appliedStatus,
  clientCertificate: object('The client certificate.', {
    expiration: string('When it ends.'),
    message: string('Why there is none.'),
  }),
  conditions: array(condition, 'Conditions of the role.'),
  secretResourceVersion: string('Version of the Secret with the password that was applied.'),
});
export type DatabaseRoleStatus = Static<typeof databaseRoleStatus>;

export interface DatabaseRole {
  apiVersion?: typeof apiVersion;
  kind?: 'DatabaseRole';
  metadata: NamespacedMeta;
  spec: DatabaseRoleSpec;
  status?: DatabaseRoleStatus;
}

export const databaseRoleKind: KindDefinition = {
  kind: 'DatabaseRole',
  plural: 'databaseroles',
  singular: 'databaserole',
  scope: 'Namespaced',
  description: 'A role inside a cluster.',
  spec: databaseRoleSpec,
  status: databaseRoleStatus,
  statusSubresource: true,
  columns: databaseObjectColumns,
};
