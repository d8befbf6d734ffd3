import { endpointCA } from '../../common/objectStore.ts';
import { keySelector, localReference } from '../../common/references.ts';
import { array, as, boolean, integer, object, required, type Static, string } from '../../schema/nodes.ts';
import { dataSource } from './storage.ts';

const statements = (description: string) => array(string(), description);
const options = (description: string) => array(string(), description);

const sqlRefs = (description: string) =>
  object(description, {
    configMapRefs: array(as(keySelector, 'A key of a ConfigMap.'), 'ConfigMap keys with SQL, run after the Secrets.'),
    secretRefs: array(as(keySelector, 'A key of a Secret.'), 'Secret keys with SQL, run first.'),
  });

const applicationSecret = as(
  localReference,
  'Secret with the credentials of the application owner; one is made otherwise.',
);
const applicationDatabase = string('Name of the application database.');
const applicationOwner = string('Role that owns the application database.');

const importFields = object('Copy the contents of an existing server into the new cluster, by logical dump.', {
  databases: required(array(string(), 'Databases to import; a sole * takes all of them.')),
  pgDumpExtraOptions: options('More options for pg_dump.'),
  pgRestoreDataOptions: options('Options for pg_restore while it loads the data.'),
  pgRestoreExtraOptions: options('Options for pg_restore in all sections without options of their own.'),
  pgRestorePostdataOptions: options('Options for pg_restore while it makes indexes and constraints.'),
  pgRestorePredataOptions: options('Options for pg_restore while it makes the definitions.'),
  postImportApplicationSQL: statements('SQL to run in the application database after the import.'),
  roles: array(string(), 'Roles to import; a sole * takes all of them.'),
  schemaOnly: boolean('Import the definitions without the data.'),
  source: required(
    object('The server to import from.', {
      externalCluster: required(string('Its name in externalClusters.')),
    }),
  ),
  type: required(
    string('microservice: one database into the application database; monolith: databases and roles as they are.', {
      enum: ['microservice', 'monolith'],
    }),
  ),
});
export type Import = Static<typeof importFields>;

const onlyWith = (field: string, provider: string) => ({
  rule: `!has(self.${field}) || self.localeProvider == '${provider}'`,
  message: `${field} is only available when localeProvider is set to \`${provider}\``,
});

/** Rules on locale settings, the same in initdb and in a Database. */
export const localeRules = [
  onlyWith('builtinLocale', 'builtin'),
  onlyWith('icuLocale', 'icu'),
  onlyWith('icuRules', 'icu'),
];

export const initdb = object(
  'Start as a new, empty server.',
  {
    builtinLocale: string('Locale of the builtin provider.'),
    dataChecksums: boolean('Write checksums with the data pages.'),
    database: applicationDatabase,
    encoding: string('Encoding of the databases.'),
    icuLocale: string('Locale of the ICU provider.'),
    icuRules: string('More collation rules of the ICU provider.'),
    import: importFields,
    locale: string('Default of localeCollate and localeCType in initdb.'),
    localeCType: string('Locale of character classes.'),
    localeCollate: string('Locale of the sort order.'),
    localeProvider: string('Provider of locales: libc, icu or builtin.'),
    options: options('Options for initdb, instead of the ones derived from the other fields.'),
    owner: applicationOwner,
    postInitApplicationSQL: statements('SQL to run in the application database when it is made.'),
    postInitApplicationSQLRefs: sqlRefs('Keys with SQL to run in the application database when it is made.'),
    postInitSQL: statements('SQL to run in the database postgres when the server is made.'),
    postInitSQLRefs: sqlRefs('Keys with SQL to run in the database postgres when the server is made.'),
    postInitTemplateSQL: statements('SQL to run in template1 when the server is made.'),
    postInitTemplateSQLRefs: sqlRefs('Keys with SQL to run in template1 when the server is made.'),
    secret: applicationSecret,
    walSegmentSize: integer('Size of a WAL file in MB, a power of 2.', { minimum: 1, maximum: 1024 }),
  },
  { rules: localeRules },
);
export type BootstrapInitDB = Static<typeof initdb>;

const recoveryTarget = object('Where the recovery ends. Without it: at the end of the archive.', {
  backupID: string('The base backup to start from; found by time otherwise.'),
  exclusive: boolean('Stop just before the target instead of just after it.'),
  targetImmediate: boolean('Stop as soon as the data are consistent.'),
  targetLSN: string('Stop at this WAL position.'),
  targetName: string('Stop at this named restore point.'),
  targetTLI: string('The timeline to follow: a number or latest.'),
  targetTime: string('Stop at this time, in RFC 3339 or PostgreSQL form.'),
  targetXID: string('Stop at this transaction.'),
});
export type RecoveryTarget = Static<typeof recoveryTarget>;

export const recovery = object('Start from a backup.', {
  backup: object('The Backup object to start from.', {
    endpointCA,
    name: required(string('Name of the Backup.')),
  }),
  database: applicationDatabase,
  owner: applicationOwner,
  recoveryTarget,
  secret: applicationSecret,
  source: string('The external cluster whose archive is read.'),
  volumeSnapshots: dataSource,
});
export type BootstrapRecovery = Static<typeof recovery>;

export const pgBasebackup = object('Start as a physical copy of a running server.', {
  database: applicationDatabase,
  owner: applicationOwner,
  secret: applicationSecret,
  source: required(string('The external cluster to copy.', { minLength: 1 })),
});
export type BootstrapPgBaseBackup = Static<typeof pgBasebackup>;

export const bootstrap = object('How the cluster begins: exactly one way. Without it: initdb.', {
  initdb,
  pg_basebackup: pgBasebackup,
  recovery,
});
export type Bootstrap = Static<typeof bootstrap>;
