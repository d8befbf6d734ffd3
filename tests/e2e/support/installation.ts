import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './matriarch.ts';

const run = promisify(execFile);

/** An installation whose programs can be built again while it runs, as after an upgrade of the sources. */
export interface Installation {
  /** The program to start. */
  readonly program: string;
  /** Builds all programs again, as of another commit. */
  rebuild(commit: string): Promise<void>;
  remove(): Promise<void>;
}

/** Links to everything of this installation, with bundles of its own. */
export async function ownInstallation(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'matriarch-installation-'));
  const dist = join(folder, 'dist');
  await mkdir(dist);
  for (const name of await readdir(root)) {
    if (name !== 'dist' && !name.startsWith('.')) await symlink(join(root, name), join(folder, name));
  }
  for (const name of await readdir(join(root, 'dist'))) {
    if (name.endsWith('.mjs')) await copyFile(join(root, 'dist', name), join(dist, name));
  }
  const bundler = JSON.stringify(join(root, 'scripts/bundle.mjs'));
  return {
    program: join(dist, 'matriarch.mjs'),
    async rebuild(commit) {
      const script = `const { bundleInto } = await import(${bundler}); await bundleInto(${JSON.stringify(dist)}, '${commit}');`;
      await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 120_000 });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
