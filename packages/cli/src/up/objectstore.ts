import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createS3Server,
  generateKeys,
  type Role,
  type S3Server,
  type SecretKeys,
  type WebIdentity,
} from '@matriarch/local/s3';
import { CommandError } from '../errors.ts';
import { writeFileAtomic } from './files.ts';
import { freePort, isFree } from './port.ts';

/** Bucket and role of the walkthrough, which exist from the start. */
export const bucket = 'demo-cnpg-barman-bucket';
export const roleArn = 'arn:aws:iam::123456789012:role/cnpg-prod-irsa';
export const region = 'us-west-2';

const roles: readonly Role[] = [
  { name: 'cnpg-prod-irsa', trustedSubjects: ['system:serviceaccount:demo:prod'], buckets: [bucket] },
];

/** What a store keeps for the next start: pods, manifests and users hold on to its address and keys. */
interface StoreSettings extends SecretKeys {
  port: number;
}

export interface RunningStore {
  url: string;
  keys: SecretKeys;
  server: S3Server;
}

/** Settings of the store in a folder; undefined when there was no start yet. */
export async function readStoreSettings(folder: string): Promise<StoreSettings | undefined> {
  try {
    return JSON.parse(await readFile(settingsFile(folder), 'utf8')) as StoreSettings;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const settingsFile = (folder: string) => join(folder, 'settings.json');

async function makeStoreSettings(folder: string, host: string): Promise<StoreSettings> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const settings = { ...generateKeys(), port: await freePort(9000, host) };
  await writeFileAtomic(settingsFile(folder), `${JSON.stringify(settings, undefined, 2)}\n`, 0o600);
  return settings;
}

/**
 * Starts the object store and token service of the embedded cluster.
 * @param host the cluster's own loopback address, so that no other cluster takes the port while this one is stopped.
 * @throws CommandError when another program listens there.
 */
export async function startObjectStore(
  folder: string,
  host: string,
  verifyToken: (token: string) => Promise<WebIdentity | undefined>,
): Promise<RunningStore> {
  const settings = (await readStoreSettings(folder)) ?? (await makeStoreSettings(folder, host));
  const { port, ...keys } = settings;
  if (!(await isFree(port, host))) {
    throw new CommandError(
      `the address of the object store, http://${host}:${port}, is taken by another program; stop that program, ` +
        `or change "port" in ${settingsFile(folder)} and "endpointURL" where a manifest names it`,
    );
  }
  const server = await createS3Server({ folder, buckets: [bucket], keys, roles, verifyToken });
  const { url } = await server.listen(host, port);
  return { url, keys, server };
}
