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
import { writeFileAtomic } from './files.ts';
import { freePort } from './port.ts';

/** Bucket and role of the walkthrough, which exist from the start. */
export const bucket = 'demo-cnpg-barman-bucket';
export const roleArn = 'arn:aws:iam::123456789012:role/cnpg-prod-irsa';
export const region = 'us-west-2';

const roles: readonly Role[] = [
  { name: 'cnpg-prod-irsa', trustedSubjects: ['system:serviceaccount:demo:prod'], buckets: [bucket] },
];

/** What a store keeps for the next start: pods and users hold on to its address and keys. */
interface StoreSettings extends SecretKeys {
  port: number;
}

export interface RunningStore {
  url: string;
  keys: SecretKeys;
  server: S3Server;
}

/** Settings of the store in a folder, made on the first start. */
export async function storeSettings(folder: string): Promise<StoreSettings> {
  const file = join(folder, 'settings.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as StoreSettings;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const settings = { ...generateKeys(), port: await freePort(9000) };
  await writeFileAtomic(file, `${JSON.stringify(settings, undefined, 2)}\n`, 0o600);
  return settings;
}

/** Starts the object store and token service of the embedded cluster. */
export async function startObjectStore(
  folder: string,
  verifyToken: (token: string) => Promise<WebIdentity | undefined>,
): Promise<RunningStore> {
  const { port, ...keys } = await storeSettings(folder);
  const server = await createS3Server({ folder, buckets: [bucket], keys, roles, verifyToken });
  const { url } = await server.listen('127.0.0.1', port);
  return { url, keys, server };
}
