import type { ConnectionParameters } from '@matriarch/postgres';

export interface PrimaryConninfoInput {
  readonly host: string;
  /** Address of the host when only the node's hosts file knows it. */
  readonly hostAddress: string | undefined;
  readonly podName: string;
  readonly certificates: string;
  readonly tcpUserTimeout: string;
}

/** How a standby reaches the primary of its own cluster. */
export function primaryConninfo(input: PrimaryConninfoInput): ConnectionParameters {
  return {
    host: input.host,
    ...(input.hostAddress === undefined ? {} : { hostaddr: input.hostAddress }),
    user: 'streaming_replica',
    port: '5432',
    sslkey: `${input.certificates}/streaming_replica.key`,
    sslcert: `${input.certificates}/streaming_replica.crt`,
    sslrootcert: `${input.certificates}/server-ca.crt`,
    application_name: input.podName,
    sslmode: 'verify-ca',
    dbname: 'postgres',
    ...(input.tcpUserTimeout === '' ? {} : { tcp_user_timeout: input.tcpUserTimeout }),
  };
}
