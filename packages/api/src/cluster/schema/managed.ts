import { ensure, localReference, objectMetadata } from '../../common/references.ts';
import { serviceSpec } from '../../kubernetes/index.ts';
import { array, as, boolean, integer, object, required, type Static, string } from '../../schema/nodes.ts';

/** Attributes of a role, the same in managed.roles and in a DatabaseRole. */
export const roleFields = {
  bypassrls: boolean('Ignore row level security.'),
  comment: string('Comment on the role.'),
  connectionLimit: integer('Limit of connections at the same time. -1: none.', { default: -1, format: 'int64' }),
  createdb: boolean('May create databases.'),
  createrole: boolean('May create roles.'),
  disablePassword: boolean('Remove the password.'),
  ensure,
  inRoles: array(string(), 'Roles that this one is a member of.'),
  inherit: boolean('Use the privileges of the roles it is a member of.', { default: true }),
  login: boolean('May log in.'),
  name: required(string('Name of the role in PostgreSQL.')),
  passwordSecret: as(localReference, 'Secret of type basic-auth with the password.'),
  replication: boolean('May replicate.'),
  superuser: boolean('Is a superuser.'),
  validUntil: string('When the password ends.', { format: 'date-time' }),
};

const role = object('A role kept as described.', roleFields);
export type ManagedRole = Static<typeof role>;

const selectorType = string('Which instances the service reaches: the primary, any, or standbys.', {
  enum: ['rw', 'r', 'ro'],
});

/** Metadata and spec of a Service made for the user. */
export const serviceTemplate = object('Template of the service.', {
  metadata: objectMetadata,
  spec: as(serviceSpec, 'Spec of the service, apart from its selector.'),
});
export type ServiceTemplate = Static<typeof serviceTemplate>;

const service = object('One more service.', {
  selectorType: required(selectorType),
  serviceTemplate: required(serviceTemplate),
  updateStrategy: string('patch: change what the template names; replace: delete and create.', {
    enum: ['patch', 'replace'],
    default: 'patch',
  }),
});
export type ManagedService = Static<typeof service>;
export type ServiceSelectorType = ManagedService['selectorType'];

export const managed = object('Objects that the operator keeps for the user.', {
  roles: array(role, 'Roles inside PostgreSQL.'),
  services: object('Services of the cluster.', {
    additional: array(service, 'Services beside the default ones.'),
    disabledDefaultServices: array(
      string(undefined, { enum: ['rw', 'r', 'ro'] }),
      'Default services that are not made.',
    ),
  }),
});
export type ManagedConfiguration = Static<typeof managed>;
