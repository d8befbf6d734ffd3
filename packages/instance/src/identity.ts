import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { operatorVersion } from '@matriarch/api';
import type { InstanceOptions } from './options.ts';
import type { Identity } from './status/collect.ts';

/**
 * Who this manager is. The hash is given by the environment when the image was built as a whole; else it is that of
 * the running bundle, which is what changes from release to release.
 */
export async function managerIdentity(options: InstanceOptions, program: string | undefined): Promise<Identity> {
  return {
    podName: options.podName,
    clusterName: options.clusterName,
    executableHash: await fileHash(program ?? fileURLToPath(import.meta.url)),
    version: operatorVersion,
    sessionId: randomUUID(),
  };
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
