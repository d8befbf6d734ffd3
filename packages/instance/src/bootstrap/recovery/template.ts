import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { initdb } from '@matriarch/postgres';
import type { Job } from '../job.ts';
import { stagingDirectory } from '../targets.ts';

/**
 * The postgresql.conf that PostgreSQL would write on this machine, from a data directory that is thrown away.
 * It may be asked for early: making it takes as long as a small restore, and runs beside it.
 */
export function freshConfiguration(job: Job): Promise<string> {
  const made = make(`${stagingDirectory(job.options.layout.pgData)}.template`, job);
  // When the restore fails first, nobody waits for this any more.
  made.catch(() => undefined);
  return made;
}

async function make(directory: string, job: Job): Promise<string> {
  await rm(directory, { recursive: true, force: true });
  try {
    await initdb({ pgData: directory, flags: [], signal: job.signal });
    return await readFile(join(directory, 'postgresql.conf'), 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
