import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const program = join(import.meta.dirname, 'bin/kubectl-cnpg.ts');

function run(...args: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

test('help goes to standard output with exit code 0, also for a group and for missing arguments', async () => {
  for (const args of [[], ['logs'], ['logs', 'nothing'], ['status'], ['promote', 'prod'], ['--help']]) {
    const { code, stdout } = await run(...args);
    assert.equal(code, 0, args.join(' '));
    assert.match(stdout, /^Usage: kubectl cnpg/, args.join(' '));
  }
});

test('what is unknown is an error with exit code 1', async () => {
  for (const args of [
    ['statsu', 'prod'],
    ['status', 'prod', '--nothing'],
    ['status', 'prod', '--color', 'often'],
  ]) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, /^Error: /, args.join(' '));
  }
});

test('the version names the contract', async () => {
  assert.match((await run('version')).stdout, /^Matriarch \S+, compatible with CloudNativePG 1\.30\.0\n$/);
});
