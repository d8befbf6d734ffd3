// The entry of every npm script. Plain JavaScript for any Node >= 20: it brings the installation up to date, then
// hands over to the Node 24 of the npm package `node-<os>-<arch>`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { ensureInstalled, node24, root } from './setup.mjs';

const [task, ...rest] = process.argv.slice(2);

/** Runs one command with the terminal attached and resolves to its exit code; signals reach the child by themselves. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: process.env });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

const tasks = {
  async matriarch() {
    await bundle();
    return run(node24(), [fileURLToPath(new URL('../dist/matriarch.mjs', import.meta.url)), ...rest]);
  },
  async test() {
    await bundle();
    return run(node24(), [fileURLToPath(new URL('./test.mjs', import.meta.url)), ...rest]);
  },
  lint: () => run('node_modules/.bin/biome', ['check', '.', ...rest]),
  typecheck: () => run('node_modules/.bin/tsc', ['-p', '.', ...rest]),
  bundle: () => bundle().then(() => 0),
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
