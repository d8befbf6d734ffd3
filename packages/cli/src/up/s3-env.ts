import { existsSync } from 'node:fs';
import { CommandError } from '../errors.ts';
import type { StateFlags } from './down.ts';
import { bucket, region, storeSettings } from './objectstore.ts';
import { stateDirectory, statePaths } from './paths.ts';

/** `matriarch s3-env`: shell exports with which any S3 client reaches the embedded object store as its owner. */
export async function s3Environment(flags: StateFlags): Promise<void> {
  const paths = statePaths(stateDirectory(flags.state, process.env));
  if (!existsSync(paths.objectStore)) {
    throw new CommandError(`there is no object store in ${paths.root}; "matriarch up" makes one`);
  }
  const { accessKeyId, secretAccessKey, port } = await storeSettings(paths.objectStore);
  const variables = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
    S3_BUCKET: bucket,
  };
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}='${value}'`);
}
