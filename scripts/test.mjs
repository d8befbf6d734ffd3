// Runs the tests with Node's test runner: `npm test` all of them, `npm test -- PATTERN ...` those of some files.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { root } from './setup.mjs';

const all = ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'];
const patterns = process.argv.slice(2);

const child = spawn(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-reporter=spec', ...(patterns.length > 0 ? patterns : all)],
  {
    cwd: root,
    stdio: 'inherit',
    // Programs that a test starts by the name `node` are to be this one too.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
  },
);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
