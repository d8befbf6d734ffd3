import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Image } from '@matriarch/local';
import { installation } from './paths.ts';

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
  return {
    reference,
    path: [],
    env: {},
    files: { '/manager': join(target, 'manager') },
    entrypoint: ['/manager'],
  };
}

async function layOut(files: Readonly<Record<string, string>>, target: string): Promise<void> {
  const temporary = `${target}.${process.pid}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o755 });
  for (const [name, source] of Object.entries(files)) {
    const path = join(temporary, name);
    await link(source, path).catch(() => copyFile(source, path));
    if (name === 'manager' || name === 'node') continue;
    await chmod(path, 0o644);
  }
  await chmod(join(temporary, 'manager'), 0o755);
  await rename(temporary, target);
}
