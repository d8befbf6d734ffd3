import { localeRules } from '../cluster/schema/bootstrap.ts';
import { appliedStatus, clusterReference, reclaimPolicy } from '../common/databaseObject.ts';
import { ensure } from '../common/references.ts';
import { immutable } from '../schema/kind.ts';
import { array, boolean, integer, object, required, type Static, string } from '../schema/nodes.ts';

/** A text that cannot change once the database exists. */
const fixed = (field: string, description: string) => string(description, { rules: [immutable(field)] });
const notEmpty = (field: string) => [{ rule: "self != ''", message: `${field} is required` }];
const reserved = (name: string) => ({ rule: `self != '${name}'`, message: `the name ${name} is reserved` });

const extension = object('An extension in the database.', {
  ensure,
  name: required(string('Its name.')),
  schema: string('Schema that holds its objects.'),
  version: string('Its version. Empty: the default one.'),
});
const schema = object('A schema in the database.', {
  ensure,
  name: required(string('Its name.')),
  owner: string('Role that owns it.'),
});
const option = object('An option.', {
  ensure,
  name: required(string('Its name.')),
  value: required(string('Its value.')),
});
const usage = object('Who may use it.', {
  name: required(string('Name of the role.', { rules: notEmpty('name') })),
  type: string('Give the right or take it away.', { enum: ['grant', 'revoke'], default: 'grant' }),
});
const fdw = object('A foreign data wrapper.', {
  ensure,
  handler: string('Its handler function; - for none.'),
  name: required(string('Its name.')),
  options: array(option, 'Its options.'),
  owner: string('Role that owns it.'),
  usage: array(usage, 'Who may use it.'),
  validator: string('Its validator function; - for none.'),
});
const server = object('A foreign server.', {
  ensure,
  fdw: required(string('Its foreign data wrapper.', { rules: notEmpty('fdw') })),
  name: required(string('Its name.')),
  options: array(option, 'Its options.'),
  usage: array(usage, 'Who may use it.'),
});
export type DatabaseExtension = Static<typeof extension>;
export type DatabaseSchema = Static<typeof schema>;
export type DatabaseOption = Static<typeof option>;
export type DatabaseUsage = Static<typeof usage>;
export type ForeignDataWrapper = Static<typeof fdw>;
export type ForeignServer = Static<typeof server>;

export const databaseSpec = object(
  'What the database should be.',
  {
    allowConnections: boolean('Whether it can be connected to.'),
    builtinLocale: fixed('builtinLocale', 'Locale of the builtin provider.'),
    cluster: required(clusterReference),
    collationVersion: fixed('collationVersion', 'Version of the collation.'),
    connectionLimit: integer('Limit of connections at the same time. -1: none.'),
    databaseReclaimPolicy: reclaimPolicy,
    encoding: fixed('encoding', 'Its encoding.'),
    ensure,
    extensions: array(extension, 'Extensions in the database.'),
    fdws: array(fdw, 'Foreign data wrappers in the database.'),
    icuLocale: fixed('icuLocale', 'Locale of the ICU provider.'),
    icuRules: fixed('icuRules', 'More collation rules of the ICU provider.'),
    isTemplate: boolean('Whether any role that may create databases can copy it.'),
    locale: fixed('locale', 'Default of localeCollate and localeCType.'),
    localeCType: fixed('localeCType', 'Locale of character classes.'),
    localeCollate: fixed('localeCollate', 'Locale of the sort order.'),
    localeProvider: fixed('localeProvider', 'Provider of locales: libc, icu or builtin.'),
    name: required(
      string('Its name in PostgreSQL.', {
        rules: [immutable('name'), reserved('postgres'), reserved('template0'), reserved('template1')],
      }),
    ),
    owner: required(string('Role that owns it.')),
    schemas: array(schema, 'Schemas in the database.'),
    servers: array(server, 'Foreign servers in the database.'),
    tablespace: string('Its tablespace.'),
    template: fixed('template', 'Database that it is copied from.'),
  },
  { rules: localeRules },
);
export type DatabaseSpec = Static<typeof databaseSpec>;

const part = object('State of one of them.', {
  applied: required(boolean('Whether it is as described.')),
  message: string('Why it is not.'),
  name: required(string('Its name.')),
});
export type DatabasePartStatus = Static<typeof part>;

export const databaseStatus = object('What the database is.', {
  ...appliedStatus,
  extensions: array(part, 'State of the extensions.'),
  fdws: array(part, 'State of the foreign data wrappers.'),
  schemas: array(part, 'State of the schemas.'),
  servers: array(part, 'State of the foreign servers.'),
});
export type DatabaseStatus = Static<typeof databaseStatus>;
