import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Major version from `server_version_num` (170002), PG_VERSION (`17`), or a version text (`17.2`, `17beta1`). */
export function majorVersion(version: string | number): number {
  const major = typeof version === 'number' ? Math.trunc(version / 10_000) : Number.parseInt(version.trim(), 10);
  if (!Number.isInteger(major) || major < 10) throw new Error(`"${version}" is not a PostgreSQL version such as 17.2`);
  return major;
}

/** The major version that wrote a data directory, from its file PG_VERSION. */
export async function dataDirectoryVersion(pgData: string): Promise<number> {
  return majorVersion(await readFile(join(pgData, 'PG_VERSION'), 'utf8'));
}
