// One bundle a program, made when a source is newer than it. Pods and the command line run bundles: they start in a
// tenth of the time of the TypeScript sources and hold half the memory (see docs/decisions).
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** Bundles: name in dist/, entry below packages/. */
const programs = {
  matriarch: 'cli/src/bin/matriarch.ts',
  'kubectl-cnpg': 'cli/src/bin/kubectl-cnpg.ts',
  operator: 'operator/src/bin/operator.ts',
  instance: 'instance/src/bin/instance.ts',
  worker: 'instance/src/bin/worker.ts',
};

/** Time of the newest source below packages/ and of this script, in ms. */
function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestSource(path));
    else if (!entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

/** Makes the bundles that are older than the sources, or of another commit than MATRIARCH_COMMIT names. */
export async function bundle() {
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  const stamp = join(dist, '.bundled');
  const commit = process.env.MATRIARCH_COMMIT ?? '';
  const sources = Math.max(newestSource(join(root, 'packages')), statSync(join(root, 'scripts/bundle.mjs')).mtimeMs);
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= sources && readFileSync(stamp, 'utf8') === commit) return;
  await bundleInto(dist, commit);
  writeFileSync(stamp, commit);
}

/**
 * Builds every program into a folder. Each file is replaced as a whole: a program that runs, and links to the former file,
 * keep what they have.
 */
export async function bundleInto(folder, commit) {
  const { build } = createRequire(join(root, 'package.json'))('esbuild');
  const entries = Object.entries(programs).filter(([, entry]) => existsSync(join(root, 'packages', entry)));
  const { outputFiles } = await build({
    write: false,
    entryPoints: Object.fromEntries(entries.map(([name, entry]) => [name, join(root, 'packages', entry)])),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: ['pg-native'],
    define: { MATRIARCH_COMMIT: JSON.stringify(commit) },
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  for (const { path, text } of outputFiles) {
    writeFileSync(`${path}.new`, ascii(text));
    renameSync(`${path}.new`, path);
  }
}

/**
 * The same program in ASCII: V8 keeps a text with one other character in two bytes each. esbuild leaves such characters only in
 * comments and in regular expressions.
 */
function ascii(text) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with control characters
  return text.replace(/[^\x00-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
