import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConnectionParameters, dataDirectoryVersion } from '@matriarch/postgres';
import { computeParameters } from '../configuration/compute.ts';
import { systemUser } from '../configuration/files.ts';
import { renderIdent } from '../configuration/hba.ts';
import { renderOverride } from '../configuration/override.ts';
import { ensureIncludes, renderCustomConf } from '../configuration/render.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import type { Job } from './job.ts';

/** While it is there, the first archived WAL file must find an empty archive. */
export const emptyArchiveMark = '.check-empty-wal-archive';

/** Includes, custom.conf and an empty override.conf in a directory that has a postgresql.conf. */
export async function writeConfiguration(job: Job, directory: string): Promise<void> {
  const { layout, podName } = job.options;
  const major = await dataDirectoryVersion(directory);
  // No synchronous standbys: there are none yet, and the first commit would wait for them.
  const parameters = computeParameters({ cluster: job.cluster, layout, podName, major, synchronous: undefined });
  const main = join(directory, 'postgresql.conf');
  await writeFileAtomic(main, ensureIncludes(await readFile(main, 'utf8')));
  await writeFileAtomic(join(directory, 'custom.conf'), renderCustomConf(parameters.settings, parameters.own).text);
  await writeFileAtomic(join(directory, 'override.conf'), '');
}

/** Lets in nobody but ourselves: roles and passwords of a copied server are not yet this cluster's. */
export async function writePrivateAccess(directory: string): Promise<void> {
  await writeFileAtomic(join(directory, 'pg_hba.conf'), 'local all all peer map=local\n');
  await writeFileAtomic(join(directory, 'pg_ident.conf'), renderIdent(systemUser(), []));
}

/** override.conf towards a source; without `conninfo`, WAL comes from the archive only. */
export async function writeOverride(
  job: Job,
  directory: string,
  conninfo: ConnectionParameters,
  slot: string | undefined,
): Promise<void> {
  const text = renderOverride({ layout: job.options.layout, conninfo, slot, rewind: false });
  await writeFileAtomic(join(directory, 'override.conf'), text);
}

export async function markEmptyArchiveCheck(directory: string): Promise<void> {
  await writeFileAtomic(join(directory, emptyArchiveMark), '');
}

/** Removes what the manager of the source has noted about its own instances. */
export async function removeForeignMarks(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name === emptyArchiveMark || name.startsWith('cnpg_initialized-')) await rm(join(directory, name));
  }
}

/** Makes the directory start as a standby. */
export async function writeStandbySignal(directory: string): Promise<void> {
  await rm(join(directory, 'recovery.signal'), { force: true });
  await writeFileAtomic(join(directory, 'standby.signal'), '');
}
