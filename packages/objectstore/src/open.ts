import { type Archive, archiveOf } from './catalogue/catalogue.ts';
import type { StoreConfig } from './config.ts';
import { openS3Store } from './s3/store.ts';

/**
 * Opens the archive of the server that a configuration names. `sockets` bounds the connections held at once.
 * @throws StoreError `invalid` for a destinationPath that cannot be read.
 */
export function openStore(config: StoreConfig, sockets?: number): Archive {
  return archiveOf(openS3Store(config, sockets), config.destinationPath, config.serverName);
}
