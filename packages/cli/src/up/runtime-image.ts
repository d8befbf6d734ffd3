import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { Image } from '@matriarch/local';
import { installation } from './paths.ts';
import { makeReadable } from './reachable.ts';

/** What the image of operator and instance manager holds, by its path in the image. */
function sources(): Record<string, string> {
  const dist = (name: string) => join(installation, 'dist', name);
  return {
    manager: join(installation, 'deploy/image/manager'),
    node: nodeBinary(),
    'operator.mjs': dist('operator.mjs'),
    'instance.mjs': dist('instance.mjs'),
    'worker.mjs': dist('worker.mjs'),
  };
}

function nodeBinary(): string {
  const require = createRequire(join(installation, 'package.json'));
  return join(dirname(require.resolve(`node-${process.platform}-${process.arch}/package.json`)), 'bin/node');
}

/**
 * Lays the image's files out in a folder of their own below `folder`, named by their content, and describes it. The
 * node binary is linked where that is possible: it is 120 MB.
 */
export async function buildRuntimeImage(reference: string, folder: string): Promise<Image> {
  const files = sources();
  const hash = createHash('sha256');
  for (const name of ['manager', 'operator.mjs', 'instance.mjs', 'worker.mjs']) {
    hash.update(name).update(await readFile(files[name] ?? ''));
  }
  const target = join(folder, `runtime-${hash.update(process.version).digest('hex').slice(0, 16)}`);
  if (!existsSync(target)) await layOut(files, target);
  await removeOthers(target);
  return {
    reference,
    path: [],
    env: {},
    files: { '/manager': join(target, 'manager') },
    entrypoint: ['/manager'],
  };
}

/** Earlier versions of the image: pods hold copies or links of what they run, and are made anew from this one. */
async function removeOthers(target: string): Promise<void> {
  const folder = dirname(target);
  const others = (await readdir(folder)).filter((name) => name.startsWith('runtime-') && name !== basename(target));
  await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

async function layOut(files: Readonly<Record<string, string>>, target: string): Promise<void> {
  const temporary = `${target}.${process.pid}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o755 });
  for (const [name, source] of Object.entries(files)) await place(source, join(temporary, name));
  await chmod(join(temporary, 'manager'), 0o755);
  await rename(temporary, target);
}

/** A link where that is possible, unless the file is private: its mode is then that of the installation. */
async function place(source: string, path: string): Promise<void> {
  const isPublic = ((await stat(source)).mode & 0o004) !== 0;
  if (isPublic && (await link(source, path).then(always, never))) return;
  await copyFile(source, path);
  await makeReadable(path);
}

const always = () => true;
const never = () => false;
