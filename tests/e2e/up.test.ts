import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { kubectlFor, noKubectl } from './support/kubectl.ts';
import { launch, root, startMatriarch } from './support/matriarch.ts';
import { s3Environment } from './support/s3.ts';
import { until } from './support/until.ts';

const run = promisify(execFile);
const program = join(root, 'dist/matriarch.mjs');
const matriarchCommand = (...args: string[]) =>
  run(process.execPath, [program, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );

async function listenOn(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

describe('matriarch up', { timeout: 300_000 }, () => {
  test('brings up the example cluster, stops cleanly and resumes the same databases', { skip: noKubectl }, async () => {
    const first = await startMatriarch({ example: true, args: ['--port', '0'] });
    let again = first;
    try {
      assert.match(first.output(), /cluster-example: Cluster in healthy state, 3 of 3 instances ready/);
      assert.match(first.output(), /^System ID: +\d{19}$/m);
      assert.match(first.output(), /export KUBECONFIG=/);
      const kubectl = kubectlFor(first);
      const systemId = await kubectl('get', 'cluster', 'cluster-example', '-o', 'jsonpath={.status.systemID}');
      assert.equal(await first.stop(), 0);
      assert.match(first.output(), /stopped; all data is kept/);
      again = await startMatriarch({ example: true, state: first.state, args: ['--port', '0'] });
      const later = await kubectlFor(again)('get', 'cluster', 'cluster-example', '-o', 'jsonpath={.status.systemID}');
      assert.equal(later, systemId);
    } finally {
      await again.stop();
      await again.remove();
    }
  });

  test('a second start on one state directory, a taken port and wrong options are refused', async () => {
    const matriarch = await startMatriarch({ args: ['--port', '0'] });
    try {
      const second = await matriarchCommand('up', '--bare', '--state', matriarch.state);
      assert.equal(second.code, 1);
      assert.match(
        second.stderr,
        new RegExp(`^Error: state directory ${matriarch.state} is in use by process \\d+; stop it`),
      );
      const reset = await matriarchCommand('reset', '--yes', '--state', matriarch.state);
      assert.match(reset.stderr, /in use by process \d+; run "matriarch down" first/);
      const down = await matriarchCommand('down', '--state', matriarch.state);
      assert.match(down.stdout, /Stopped; all data is kept/);
      const store = new URL(s3Environment(matriarch).AWS_ENDPOINT_URL ?? '');
      const other = await listenOn(store.hostname, Number(store.port));
      const third = await matriarchCommand('up', '--bare', '--state', matriarch.state);
      other.close();
      assert.match(third.stderr, new RegExp(`^Error: the address of the object store, ${store.origin}, is taken by`));
    } finally {
      await matriarch.kill();
      await matriarch.remove();
    }
    const state = mkdtempSync(join(tmpdir(), 'matriarch-e2e-'));
    const server = await listenOn('127.0.0.1', 0);
    const { port } = server.address() as { port: number };
    try {
      const taken = await matriarchCommand('up', '--bare', '--state', state, '--port', String(port));
      assert.match(taken.stderr, new RegExp(`^Error: --port ${port} is taken by another program; leave it out`));
      const nodes = await matriarchCommand('up', '--state', state, '--nodes', 'many');
      assert.match(nodes.stderr, /^Error: --nodes "many" is not a whole number from 1 to 50/);
      const reset = await matriarchCommand('reset', '--state', state);
      assert.match(reset.stderr, /^Error: this removes all databases and backups in .*; add --yes/);
      assert.equal((await matriarchCommand('reset', '--yes', '--state', state)).code, 0);
    } finally {
      server.close();
      rmSync(state, { recursive: true, force: true });
    }
  });

  test('of two starts at the same moment one is refused, and leaves everything to the other', async () => {
    const state = mkdtempSync(join(tmpdir(), 'matriarch-e2e-'));
    const both = await Promise.all([1, 2].map(() => launch({ state, args: ['--port', '0'] })));
    try {
      await until('one of two has ended', 60_000, () => both.some(({ process }) => process.exitCode !== null));
      const [refused, running] = both[0]?.process.exitCode === null ? [both[1], both[0]] : both;
      assert.ok(refused && running);
      assert.equal(refused.process.exitCode, 1);
      assert.equal(
        refused.output(),
        `Error: state directory ${state} is in use by process ${running.process.pid}; stop it with "matriarch down" or name another one with --state\n`,
      );
      await until('the other is ready', 60_000, () => running.output().includes('Kubeconfig  '));
      assert.equal(await running.stop(), 0);
    } finally {
      for (const matriarch of both) await matriarch.kill();
      await both[0]?.remove();
    }
  });
});
