import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { operatorVersion } from '@matriarch/api';
import type { InstanceOptions } from './options.ts';
import type { Identity } from './status/collect.ts';
import { programFolder, programHash } from './update/program.ts';

/** Who this manager is. Where it is not a bundle with its files around it, the hash is that of the program's own file. */
export async function managerIdentity(options: InstanceOptions, program: string | undefined): Promise<Identity> {
  const folder = await programFolder(program);
  return {
    podName: options.podName,
    clusterName: options.clusterName,
    executableHash: folder === undefined ? await fileHash(fileURLToPath(import.meta.url)) : await programHash(folder),
    version: operatorVersion,
    sessionId: randomUUID(),
  };
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
