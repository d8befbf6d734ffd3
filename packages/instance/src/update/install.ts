/**
 * Versions of the instance manager on the volume of the pod.
 *
 *   /controller/manager            -> versions/HASH/manager   (a link; after the start of the pod, the copied script itself)
 *   /controller/versions/HASH/     instance.mjs manager node worker.mjs manager.sha256
 *
 * The script follows the link to find its program, so the rename of one link changes everything at once. Invariant:
 * `/controller/manager` names a whole version that was flushed to disc and has been seen to start. A crash leaves
 *   - before the folder has its name: a folder `incoming-*`, which the next update or start removes;
 *   - before the link is renamed: a folder that nobody refers to, removed likewise;
 *   - after that: the new version, which the next start of the container runs.
 * The files of the version that runs stay until the new one has started.
 */
import { execFile } from 'node:child_process';
import { readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { managerFiles, managerHashFile } from '@matriarch/api';
import { syncDirectory } from '../files/atomic.ts';
import type { Layout } from '../paths.ts';
import type { ReceivedProgram } from './receive.ts';

const run = promisify(execFile);

/** Node may be slow to start on a loaded machine. */
const trialMs = 20_000;

export const versionsFolder = (layout: Layout): string => join(layout.controller, 'versions');

/** Makes a received version the one that starts from now on. */
export async function installProgram(program: ReceivedProgram, layout: Layout): Promise<void> {
  const versions = versionsFolder(layout);
  const folder = join(versions, program.hash);
  await rm(folder, { recursive: true, force: true });
  await rename(program.folder, folder);
  await syncDirectory(versions);
  await tryProgram(folder);
  const link = `${layout.manager}.new`;
  await rm(link, { force: true });
  await symlink(join('versions', program.hash, 'manager'), link);
  await rename(link, layout.manager);
  await syncDirectory(layout.controller);
}

/** Whether it starts here at all: another architecture, a missing library and a damaged file show now, not later. */
async function tryProgram(folder: string): Promise<void> {
  try {
    await run(join(folder, 'manager'), ['version'], { timeout: trialMs });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`the new instance manager does not start here: ${stderr.trim().slice(-500)}`, { cause: error });
  }
}

/** Removes every version but the one that runs from `running`. */
export async function removeOtherVersions(running: string, layout: Layout): Promise<void> {
  const versions = await realpath(versionsFolder(layout)).catch(() => undefined);
  if (versions === undefined) return;
  const names = await readdir(versions);
  const kept = dirname(running) === versions ? basename(running) : undefined;
  for (const name of names) if (name !== kept) await rm(join(versions, name), { recursive: true, force: true });
  if (kept === undefined) return;
  // The files that the start of the pod copied; `manager` itself is the link now.
  const copied = [...managerFiles.filter((name) => name !== 'manager'), managerHashFile];
  for (const name of copied) await rm(join(layout.controller, name), { force: true });
}
