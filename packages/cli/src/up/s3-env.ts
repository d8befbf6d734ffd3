import { CommandError } from '../errors.ts';
import type { StateFlags } from './down.ts';
import { knownOwnAddress } from './network.ts';
import { bucket, readStoreSettings, region } from './objectstore.ts';
import { stateDirectory, statePaths } from './paths.ts';

/** `matriarch s3-env`: shell exports with which any S3 client reaches the embedded object store as its owner. */
export async function s3Environment(flags: StateFlags): Promise<void> {
  const paths = statePaths(stateDirectory(flags.state, process.env));
  const settings = await readStoreSettings(paths.objectStore);
  const host = await knownOwnAddress(paths.root);
  if (settings === undefined || host === undefined) {
    throw new CommandError(`there is no object store in ${paths.root}; "matriarch up" makes one`);
  }
  const variables = {
    AWS_ENDPOINT_URL: `http://${host}:${settings.port}`,
    AWS_ACCESS_KEY_ID: settings.accessKeyId,
    AWS_SECRET_ACCESS_KEY: settings.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    S3_BUCKET: bucket,
  };
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}='${value}'`);
}
