// Runs the tests with Node's test runner: `npm test` all of them, `npm test -- PATTERN ...` those of some files.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './setup.mjs';

const all = ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'];
const patterns = process.argv.slice(2);

/** Whether everybody may enter a directory and all above it. */
function isTraversable(path) {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * Tests that root starts go on as an unprivileged user, as PostgreSQL asks. Where that user may not enter the installation,
 * e.g. below /root, they run in a copy, of links where that is possible.
 */
function copyForEverybody() {
  const folder = mkdtempSync('/var/tmp/matriarch-test-');
  chmodSync(folder, 0o755);
  const entries = readdirSync(root).filter((name) => !['.git', '.matriarch'].includes(name));
  const paths = entries.map((name) => join(root, name));
  try {
    execFileSync('cp', ['-al', ...paths, folder], { stdio: 'ignore' });
  } catch {
    execFileSync('cp', ['-a', ...paths, folder]);
  }
  return folder;
}

const copy = process.getuid?.() === 0 && !isTraversable(root) ? copyForEverybody() : undefined;
const place = copy ?? root;
const node = join(place, relative(root, process.execPath));

const child = spawn(
  node,
  ['--test', '--test-concurrency=2', '--test-reporter=spec', ...(patterns.length > 0 ? patterns : all)],
  {
    cwd: place,
    stdio: 'inherit',
    // Programs that a test starts by the name `node` are to be this one too.
    env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
  },
);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
  if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
});
