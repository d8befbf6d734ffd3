import type { Address } from '../client.ts';

/** Times of Patroni: what it has by default, and the shortest that its documentation and its own checks allow. */
export const settings = {
  default: { ttl: 30, loop_wait: 10, retry_timeout: 10 },
  tight: { ttl: 20, loop_wait: 1, retry_timeout: 3, primary_start_timeout: 0 },
} as const;

export interface NodeConfig {
  readonly name: string;
  readonly postgres: Address;
  readonly api: Address;
  readonly etcd: Address;
  readonly dataDirectory: string;
  readonly binDirectory: string;
  readonly password: string;
  readonly dynamic: object;
}

const text = ({ host, port }: Address) => `${host}:${port}`;

/** The configuration file of one node; JSON is YAML. */
export function configFile(config: NodeConfig): string {
  const { name, postgres, api, etcd, dataDirectory, binDirectory, password, dynamic } = config;
  const login = (username: string) => ({ username, password });
  const rules = [
    'local all all trust',
    'host all all 127.0.0.0/8 scram-sha-256',
    'host replication all 127.0.0.0/8 scram-sha-256',
  ];
  return JSON.stringify({
    scope: 'bench',
    name,
    restapi: { listen: text(api), connect_address: text(api) },
    etcd3: { hosts: [text(etcd)] },
    bootstrap: {
      dcs: {
        ...dynamic,
        postgresql: { use_pg_rewind: true, parameters: { max_wal_senders: 10, wal_log_hints: 'on' } },
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
      pg_hba: rules,
    },
    postgresql: {
      listen: text(postgres),
      connect_address: text(postgres),
      data_dir: dataDirectory,
      bin_dir: binDirectory,
      pgpass: `${dataDirectory}.pgpass`,
      pg_hba: rules,
      authentication: { superuser: login('postgres'), replication: login('replicator'), rewind: login('rewinder') },
      parameters: { unix_socket_directories: dataDirectory.replace(/\/[^/]*$/, '') },
    },
  });
}
