import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { managerFiles, managerHashFile } from '@matriarch/api';
import type { Image } from '@matriarch/local';
import { packedHash } from '@matriarch/objectstore';
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
 * The image of this installation, looked at anew by each pull: when the bundles were built again, the pods that start from
 * then on get the new ones, as from a registry in which a tag was moved.
 */
export function runtimeImage(reference: string, folder: string): () => Promise<Image> {
  let last: { readonly state: string; readonly image: Promise<Image> } | undefined;
  return async () => {
    const state = await stateOf(sources());
    if (last?.state !== state) {
      const first = last === undefined;
      last = { state, image: build(reference, folder, first) };
      last.image.catch(() => {
        last = undefined;
      });
    }
    return last.image;
  };
}

async function stateOf(files: Readonly<Record<string, string>>): Promise<string> {
  const facts = await Promise.all(Object.values(files).map((path) => stat(path)));
  return facts.map(({ ino, size, mtimeMs }) => `${ino}/${size}/${mtimeMs}`).join(' ');
}

/**
 * Lays the image's files out in a folder of their own below `folder`, named by their content, and describes it. The
 * node binary is linked where that is possible: it is 120 MB.
 */
async function build(reference: string, folder: string, first: boolean): Promise<Image> {
  const files = sources();
  const hash = createHash('sha256');
  for (const name of ['manager', 'operator.mjs', 'instance.mjs', 'worker.mjs']) {
    hash.update(name).update(await readFile(files[name] ?? ''));
  }
  const target = join(folder, `runtime-${hash.update(process.version).digest('hex').slice(0, 16)}`);
  if (!existsSync(target)) await layOut(files, target);
  // What was built since the start may still be in use: an operator reads the instance manager from its image.
  if (first) await removeOthers(target);
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
  await writeFile(join(temporary, managerHashFile), `${await packedHash(temporary, managerFiles)}\n`);
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
