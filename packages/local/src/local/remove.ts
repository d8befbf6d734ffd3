import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dataDirectory, prepareLayout } from '../node/layout.ts';
import { endLeftovers } from '../node/leftovers.ts';
import { thawBelow } from '../volumes/filesystems.ts';
import { unmountBelow } from '../volumes/sized.ts';

/**
 * Removes a state directory with everything in it and everything that is kept elsewhere for it, and ends the processes
 * that a kill -9 left running. Nothing may run on it.
 */
export async function removeState(stateDir: string): Promise<void> {
  if (!existsSync(stateDir)) return;
  const layout = prepareLayout(stateDir);
  await thawBelow(layout.volumes);
  await endLeftovers(layout);
  await unmountBelow(layout.volumes);
  for (const folder of new Set([layout.sandboxes, dataDirectory(stateDir), stateDir])) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
