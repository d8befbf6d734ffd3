import { containerLayout } from '../paths.ts';
import { readyFiles } from '../status/ready.ts';

/** Prints the names of the WAL files that wait for the archiver. */
export async function showQueue(): Promise<number> {
  for (const name of await readyFiles(containerLayout(process.env).pgData)) process.stdout.write(`${name}\n`);
  return 0;
}
