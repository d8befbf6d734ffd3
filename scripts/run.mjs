// The entry of every npm script. Plain JavaScript for any Node >= 20: it brings the installation up to date, then
// hands over to the Node 24 of the npm package `node-<os>-<arch>`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { ensureInstalled, node24, root } from './setup.mjs';

const [task, ...rest] = process.argv.slice(2);

/**
 * Runs one command with the terminal attached and resolves to its exit code. A signal from the terminal reaches the
 * child by itself; one that was sent to this process alone is passed on.
 */
function run(command, args, cwd = root) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: 'inherit', env: process.env });
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

/** Runs a bundle where the user is: npm changes the directory to the root and tells the one before. */
async function program(name) {
  await bundle();
  return run(node24(), [fileURLToPath(new URL(`../dist/${name}.mjs`, import.meta.url)), ...rest], userDirectory);
}

const userDirectory = process.env.INIT_CWD ?? process.cwd();

const tasks = {
  matriarch: () => program('matriarch'),
  'kubectl-cnpg': () => program('kubectl-cnpg'),
  async test() {
    await bundle();
    return run(node24(), [fileURLToPath(new URL('./test.mjs', import.meta.url)), ...rest]);
  },
  async faults() {
    await bundle();
    return run(node24(), ['tests/faults/harness/main.ts', ...rest]);
  },
  lint: () => run('node_modules/.bin/biome', ['check', '.', ...rest]),
  typecheck: () => run('node_modules/.bin/tsc', ['-p', '.', ...rest]),
  bundle: () => bundle().then(() => 0),
  simulate: () => run(node24(), ['tests/simulation/simulate.ts', ...rest]),
  generate: () => run(node24(), ['scripts/generate.ts', ...rest]),
};

const chosen = tasks[task];
if (chosen === undefined) {
  console.error(`run.mjs: unknown task "${task ?? ''}"; one of ${Object.keys(tasks).join(', ')}`);
  process.exit(2);
}
try {
  await ensureInstalled();
  process.exitCode = await chosen();
} catch (error) {
  console.error(`${task}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
