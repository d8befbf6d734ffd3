import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createS3Server, generateKeys, type S3ServerOptions } from '@matriarch/local/s3';
import { openStore, type StoreConfig } from '@matriarch/objectstore';

/** A folder of its own for a test, removed afterwards. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'matriarch-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A running object store with bucket `backups`; `config` reaches it with the owner's keys. */
export async function startStore(t: TestContext, options: Partial<S3ServerOptions> = {}) {
  const keys = generateKeys();
  const server = await createS3Server({
    folder: await temporaryFolder(t),
    buckets: ['backups'],
    keys,
    roles: [],
    verifyToken: async () => undefined,
    ...options,
  });
  const { url } = await server.listen('127.0.0.1', 0);
  t.after(() => server.close());
  const config: StoreConfig = {
    destinationPath: 's3://backups/x/',
    serverName: 'prod',
    endpointUrl: url,
    credentials: { kind: 's3-keys', accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey },
  };
  const open = (change: Partial<StoreConfig> = {}) => {
    const archive = openStore({ ...config, ...change });
    t.after(() => archive.store.close());
    return archive;
  };
  return { url, config, keys, open };
}
