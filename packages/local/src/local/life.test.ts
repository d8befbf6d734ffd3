/** Starts, ends and restarts of the embedded cluster. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { shortHash } from '../node/layout.ts';
import { ownedProcesses } from '../node/processes.ts';
import { PODS } from '../runtime/resources.ts';
import { anyImage, until } from '../testing/cluster.ts';
import { createStarter, key, kubectl, nodes, podOf, run, stateDirectory } from '../testing/local-cluster.ts';
import { lockHolder } from './lock.ts';
import { startLocal } from './start.ts';

const start = createStarter('127.15.0.0/17');

test('everything is there again after a restart; the kubeconfig is private; a second start is refused', async (t) => {
  const stateDir = stateDirectory(t);
  const first = await start(t, stateDir);
  assert.equal(statSync(first.cluster.kubeconfigPath).mode & 0o777, 0o600);
  await assert.rejects(
    startLocal({ stateDir, nodes, images: anyImage, log: () => undefined }),
    new RegExp(`in use by process ${process.pid}: stop that process`),
  );
  await first.api.create(PODS, 'default', podOf('p', 'sleep 1000'));
  const before = await until(
    first.caches.of(PODS),
    key('p'),
    (found) => found?.status?.containerStatuses?.[0]?.ready === true,
  );
  await first.close();
  const second = await start(t, stateDir);
  const after = await until(
    second.caches.of(PODS),
    key('p'),
    (found) => found?.status?.containerStatuses?.[0]?.restartCount === 1 && found.status.containerStatuses[0].ready,
  );
  assert.equal(after?.metadata.uid, before?.metadata.uid);
  assert.equal(after?.status?.podIP, before?.status?.podIP);
  assert.equal(second.cluster.url, first.cluster.url);
});

test('a port is taken exactly, a taken one is refused before anything is changed', async (t) => {
  const { cluster } = await start(t, stateDirectory(t));
  const port = Number(new URL(cluster.url).port);
  const stateDir = join(stateDirectory(t), 'none');
  const options = { stateDir, nodes, images: anyImage, log: () => undefined };
  await assert.rejects(
    startLocal({ ...options, port }),
    new RegExp(`^PortUnavailable: port ${port} of 127.0.0.1 is taken by another program: stop that program, or start`),
  );
  assert.equal(existsSync(stateDir), false);
});

test('the kubeconfig has a token of a superuser, kept private and over restarts; a start says nothing', async (t) => {
  const stateDir = stateDirectory(t);
  const tokenIn = (path: string) => /token: (\S+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  const first = await start(t, stateDir);
  const token = tokenIn(first.cluster.kubeconfigPath);
  assert.equal(readFileSync(join(stateDir, 'admin-token'), 'utf8'), `${token}\n`);
  assert.equal(statSync(join(stateDir, 'admin-token')).mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(first.cluster.kubeconfigPath, 'utf8'), /client-/);
  const ask = async (bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` };
    const url = `${first.cluster.url}/api/v1/namespaces/default/secrets`;
    const request = get(url, { headers, ca: first.cluster.server.authority.cert });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  assert.equal(await ask(token), 200);
  assert.equal(await ask('another'), 401);
  await first.close();
  const second = await start(t, stateDir);
  assert.equal(tokenIn(second.cluster.kubeconfigPath), token);
  assert.deepEqual([...first.lines, ...second.lines], []);
});

test('a second start leaves the first one alone', async (t) => {
  const stateDir = stateDirectory(t);
  const { api, caches } = await start(t, stateDir);
  await api.create(PODS, 'default', podOf('p', 'sleep 1000'));
  await until(caches.of(PODS), key('p'), (found) => found?.status?.containerStatuses?.[0]?.ready === true);
  const sandboxes = `/tmp/mtr-${shortHash(realpathSync(stateDir), 10)}`;
  const links = readdirSync(sandboxes);
  await assert.rejects(startLocal({ stateDir, nodes, images: anyImage, log: () => undefined }), /in use by process/);
  assert.deepEqual(readdirSync(sandboxes), links);
  assert.equal(links.length, 1);
  assert.equal(lockHolder(stateDir), process.pid);
});

test('after kill -9 of everything the next start ends what was left and goes on', { ...kubectl }, async (t) => {
  const stateDir = stateDirectory(t);
  const child = spawn(process.execPath, [join(import.meta.dirname, '../testing/run-cluster.ts'), stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const dead = once(child, 'exit');
  await once(child.stdout, 'data');
  const script = 'echo $$ >> $CONTAINER_SANDBOX_MOUNT_POINT/e/pids; setsid sleep 1000 & sleep 1000';
  const mounts = { volumeMounts: [{ name: 'e', mountPath: '/e' }] };
  const manifest = podOf('p', script, { volumes: [{ name: 'e', emptyDir: {} }] }, mounts);
  const apply = spawn('kubectl', ['--kubeconfig', join(stateDir, 'kubeconfig'), 'create', '-f', '-'], {
    timeout: 10_000,
  });
  apply.stdin.end(JSON.stringify(manifest));
  assert.equal((await once(apply, 'exit'))[0], 0);
  const args = [
    '--kubeconfig',
    join(stateDir, 'kubeconfig'),
    'wait',
    '--for=condition=Ready',
    'pod/p',
    '--timeout=10s',
  ];
  await run('kubectl', args, { timeout: 15_000 });
  child.kill('SIGKILL');
  await dead;

  const sandboxes = `/tmp/mtr-${shortHash(realpathSync(stateDir), 10)}/`;
  const left = () => ownedProcesses({ owns: (path) => path.startsWith(sandboxes), directories: [], marks: [] });
  const before = new Set(left().map(({ pid }) => pid));
  if (process.platform === 'linux') assert.ok(before.size >= 2);
  const { caches } = await start(t, stateDir);
  const again = await until(
    caches.of(PODS),
    key('p'),
    (found) => found?.status?.containerStatuses?.[0]?.restartCount === 1 && found.status.containerStatuses[0].ready,
  );
  assert.deepEqual(
    left().filter(({ pid }) => before.has(pid)),
    [],
  );
  const pids = join(stateDir, 'pods', again?.metadata.uid ?? '', 'volumes/e/pids');
  assert.equal(readFileSync(pids, 'utf8').trim().split('\n').length, 2);
});
