import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import type { Client } from '@matriarch/kubernetes';
import type { TestCertificates } from '@matriarch/postgres/testing';
import { createLoggers } from '../../logger.ts';
import { instanceOptions } from '../../options.ts';
import type { SecretReader } from '../../secrets.ts';
import type { Job } from '../job.ts';

export interface TestPod {
  /** Root of what the pod sees. */
  readonly root: string;
  readonly pgData: string;
  readonly walDirectory: string;
  job(verb: string, flags?: readonly string[], signal?: AbortSignal): Job;
}

export interface TestPodInput {
  readonly scratch: string;
  readonly instance: string;
  readonly cluster: Cluster;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Address behind every Service name. */
  readonly serviceAddress?: string;
}

const silent = createLoggers({ level: 'error', fieldLevel: 'level', fieldTimestamp: 'ts' }, undefined);

/** A pod with its volumes below a directory, whose jobs talk to no API server. */
export function makePod(input: TestPodInput): TestPod {
  const root = join(input.scratch, input.instance);
  const volumes = ['var/lib/postgresql/data', 'var/lib/postgresql/wal', 'controller/run', 'controller/certificates'];
  for (const path of volumes) mkdirSync(join(root, path), { recursive: true });
  const walDirectory = join(root, 'var/lib/postgresql/wal/pg_wal');
  const pgData = join(root, 'var/lib/postgresql/data/pgdata');
  return {
    root,
    pgData,
    walDirectory,
    job(verb, flags = [], signal = new AbortController().signal) {
      const environment = {
        ...process.env,
        CONTAINER_SANDBOX_MOUNT_POINT: root,
        POD_NAME: `${input.instance}-${verb}`,
        CLUSTER_NAME: 'pg',
        NAMESPACE: 'default',
      };
      return {
        options: instanceOptions(flags, environment),
        environment,
        walDirectory,
        loggers: silent,
        logger: silent.named('test'),
        client: noClient,
        secrets: fixedSecrets(input.secrets),
        resolver: { addressOf: async () => input.serviceAddress },
        cluster: input.cluster,
        signal,
      };
    },
  };
}

/** Jobs read Secrets through the reader, and the Cluster is given. */
const noClient = new Proxy({} as Client, {
  get(_, name) {
    throw new Error(`the test has no API server, and the job asked it for "${String(name)}"`);
  },
});

function fixedSecrets(secrets: TestPodInput['secrets']): SecretReader {
  return {
    async read(name) {
      const data = secrets[name];
      if (data === undefined) return undefined;
      const entries = Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]);
      return { resourceVersion: '1', data: Object.fromEntries(entries) };
    },
  };
}

export function clusterSecrets(certificates: TestCertificates): TestPodInput['secrets'] {
  return {
    'pg-ca': { 'ca.crt': certificates.authority },
    'pg-server': { 'tls.crt': certificates.serverCertificate, 'tls.key': certificates.serverKey },
    'pg-replication': { 'tls.crt': certificates.clientCertificate, 'tls.key': certificates.clientKey },
  };
}
