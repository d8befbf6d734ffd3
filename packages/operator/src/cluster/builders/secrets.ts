import { type Cluster, labels, readWriteServiceName, roles } from '@matriarch/api';
import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import { type BuildContext, inheritedMeta, managedBy } from './metadata.ts';

export interface CredentialsRequest {
  name: string;
  userType: keyof typeof roles.user;
  username: string;
  /** `*` for the superuser. */
  database: string;
}

/** The Secret with name, password and every usual form of a connection address. */
export function buildCredentialsSecret(context: BuildContext, request: CredentialsRequest, password: string): Secret {
  const { username, database } = request;
  const metadata = inheritedMeta(context, {
    name: request.name,
    labels: { ...managedBy, [labels.userType]: roles.user[request.userType], [labels.reload]: 'true' },
  });
  const { host, short, full } = hosts(context.cluster, context.config.clusterDomain);
  const data = {
    username,
    user: username,
    password,
    dbname: database,
    host,
    port: '5432',
    pgpass: `${host}:5432:${database}:${username}:${password}\n`,
    uri: uri(short, { username, password, database }),
    'jdbc-uri': jdbcUri(short, { username, password, database }),
    'fqdn-uri': uri(full, { username, password, database }),
    'fqdn-jdbc-uri': jdbcUri(full, { username, password, database }),
  };
  return { metadata, type: 'kubernetes.io/basic-auth', data: encoded(data) };
}

interface Login {
  username: string;
  password: string;
  database: string;
}

function hosts(cluster: Cluster, domain: string) {
  const host = readWriteServiceName(cluster);
  const { namespace } = cluster.metadata;
  return { host, short: `${host}.${namespace}:5432`, full: `${host}.${namespace}.svc.${domain}:5432` };
}

function uri(host: string, { username, password, database }: Login): string {
  // The asterisk is allowed in a path; everything else goes through percent encoding.
  const path = encodeURIComponent(database).replace(/%2A/g, '*');
  return `postgresql://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${host}/${path}`;
}

function jdbcUri(host: string, { username, password, database }: Login): string {
  const query = new URLSearchParams([
    ['password', password],
    ['user', username],
  ]);
  return `jdbc:postgresql://${host}/${encodeURIComponent(database).replace(/%2A/g, '*')}?${query}`;
}

/** Values in base64, as `data` of a Secret holds them. */
export function encoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}
