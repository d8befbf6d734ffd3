import { extensions } from '../../common/extensions.ts';
import { secretKeySelector } from '../../kubernetes/index.ts';
import { array, as, boolean, integer, map, object, required, type Static, string } from '../../schema/nodes.ts';

const texts = (description: string) => array(string(), description);

const ldap = object('Authentication by an LDAP directory.', {
  bindAsAuth: object('Log in with a name made of prefix, user and suffix.', {
    prefix: string('Text before the user name.'),
    suffix: string('Text after the user name.'),
  }),
  bindSearchAuth: object('Search for the user first, then log in as what was found.', {
    baseDN: string('Where the search starts.'),
    bindDN: string('Who searches.'),
    bindPassword: as(secretKeySelector, 'Secret key with the password of bindDN.'),
    searchAttribute: string('Attribute compared with the user name.'),
    searchFilter: string('Filter of the search.'),
  }),
  port: integer('Port of the directory.'),
  scheme: string('ldap or ldaps.', { enum: ['ldap', 'ldaps'] }),
  server: string('Host name of the directory.'),
  tls: boolean('Switch the connection to TLS.'),
});
export type LdapConfiguration = Static<typeof ldap>;

const synchronous = object(
  'Synchronous replication by quorum or priority.',
  {
    dataDurability: string('required: wait for number standbys always; preferred: for as many as there are.', {
      enum: ['required', 'preferred'],
    }),
    failoverQuorum: boolean('Fail over only when the promoted standby is sure to hold all acknowledged data.'),
    maxStandbyNamesFromCluster: integer('Limit of the standbys of this cluster in the list.'),
    method: required(
      string('any: a quorum of the listed standbys; first: the first ones of the list.', { enum: ['any', 'first'] }),
    ),
    nodeFailureDomainKeys: texts('Node labels that tell failure domains apart.'),
    number: required(
      integer('Number of standbys that must confirm a commit.', {
        rules: [{ rule: 'self > 0', message: 'The number of synchronous replicas should be greater than zero' }],
      }),
    ),
    podFailureDomainKeys: texts('Pod labels that tell failure domains apart.'),
    standbyNamesPost: texts('Names put after the standbys of this cluster.'),
    standbyNamesPre: texts('Names put before the standbys of this cluster.'),
  },
  {
    rules: [
      {
        rule: "self.dataDurability!='preferred' || ((!has(self.standbyNamesPre) || self.standbyNamesPre.size()==0) && (!has(self.standbyNamesPost) || self.standbyNamesPost.size()==0))",
        message: "dataDurability set to 'preferred' requires empty 'standbyNamesPre' and empty 'standbyNamesPost'",
      },
      {
        rule: '!(has(self.podFailureDomainKeys) && self.podFailureDomainKeys.size() > 0 && has(self.nodeFailureDomainKeys) && self.nodeFailureDomainKeys.size() > 0)',
        message: 'podFailureDomainKeys and nodeFailureDomainKeys are mutually exclusive',
      },
    ],
  },
);
export type SynchronousConfiguration = Static<typeof synchronous>;

const hasDomains = (field: string) => `(has(self.synchronous.${field}) && self.synchronous.${field}.size() > 0)`;

export const postgresql = object(
  'Configuration of PostgreSQL.',
  {
    enableAlterSystem: boolean('Allow ALTER SYSTEM.'),
    extensions,
    ldap,
    parameters: map(string(), 'Parameters of postgresql.conf, apart from those that the operator sets itself.'),
    pg_hba: texts('Lines for pg_hba.conf, between the fixed first ones and the default last one.'),
    pg_ident: texts('Lines for pg_ident.conf, after the fixed ones.'),
    promotionTimeout: integer('Seconds to wait for a promotion. 0: practically for ever.', { format: 'int32' }),
    shared_preload_libraries: texts('Libraries to load at the start, before those that managed extensions add.'),
    syncReplicaElectionConstraint: object(
      'Which standbys may be synchronous, for minSyncReplicas and maxSyncReplicas.',
      {
        enabled: required(boolean('Whether the constraint holds.')),
        nodeLabelsAntiAffinity: texts('Node labels that must differ between the primary and a synchronous standby.'),
      },
    ),
    synchronous,
  },
  {
    rules: [
      {
        rule: `!(has(self.syncReplicaElectionConstraint) && self.syncReplicaElectionConstraint.enabled && has(self.synchronous) && (${hasDomains('podFailureDomainKeys')} || ${hasDomains('nodeFailureDomainKeys')}))`,
        message: 'syncReplicaElectionConstraint and synchronous failure domain keys are mutually exclusive',
      },
    ],
  },
);
export type PostgresConfiguration = Static<typeof postgresql>;
