import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findRunningPostmaster, readControlData } from '@matriarch/postgres';
import { createWorld, dropPrivileges, usePostgres, type World } from './world.ts';

dropPrivileges();
usePostgres();

const program = fileURLToPath(new URL('../../packages/instance/src/bin/worker.ts', import.meta.url));

interface RunningJob {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly log: string[];
}

/** Starts a job as the node would: a process group of its own, paths below the pod's root. */
async function startJob(world: World, instance: string, verb: string, flags: readonly string[]): Promise<RunningJob> {
  const mount = join(world.folder, instance);
  const token = 'var/run/secrets/kubernetes.io/serviceaccount';
  mkdirSync(join(mount, 'var/lib/postgresql/data'), { recursive: true });
  mkdirSync(join(mount, 'controller/run'), { recursive: true });
  await cp(join(world.folder, 'prod-1', token), join(mount, token), { recursive: true });
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, 'instance', verb, ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: {
        PATH: process.env.PATH,
        PGDATA: '/var/lib/postgresql/data/pgdata',
        POD_NAME: `${instance}-${verb}`,
        NAMESPACE: world.namespace,
        CLUSTER_NAME: world.clusterName,
        CONTAINER_SANDBOX_MOUNT_POINT: mount,
        MATRIARCH_BIND_ADDRESS: '127.10.32.99',
        MATRIARCH_HOSTS_FILE: join(world.folder, 'hosts'),
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String(world.apiPort),
      },
    },
  );
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) =>
      log.push(
        ...chunk
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== ''),
      ),
    );
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, exited, log };
}

/** Kills the group the moment the file is there. */
async function killWhen(job: RunningJob, path: string): Promise<void> {
  let ended = false;
  void job.exited.then(() => {
    ended = true;
  });
  while (!existsSync(path)) {
    assert.equal(ended, false, `the job ended before ${path} was there:\n${job.log.join('\n')}`);
    await delay(1);
  }
  process.kill(-(job.child.pid ?? 0), 'SIGKILL');
  assert.equal(await job.exited, null);
}

async function finish(job: RunningJob): Promise<void> {
  assert.equal(await job.exited, 0, job.log.join('\n'));
  for (const line of job.log) assert.doesNotThrow(() => JSON.parse(line), `not JSON: ${line}`);
}

test('init starts over cleanly wherever it was killed', { timeout: 60_000 }, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 31 });
  const folder = dirname(world.pgData('prod-3'));
  const flags = ['--app-db-name', 'app', '--app-user', 'app', '--initdb-flags', '--encoding=UTF8'];
  for (const name of ['global', 'PG_VERSION', 'custom.conf', 'postmaster.pid', '.check-empty-wal-archive']) {
    await killWhen(await startJob(world, 'prod-3', 'init', flags), join(folder, 'pgdata.bootstrap', name));
    assert.equal(existsSync(world.pgData('prod-3')), false, `killed at ${name}`);
  }
  await finish(await startJob(world, 'prod-3', 'init', flags));
  assert.deepEqual(readdirSync(folder), ['pgdata']);
  assert.equal((await readControlData(world.pgData('prod-3'))).state, 'shut down');
  assert.equal(await findRunningPostmaster(join(folder, 'pgdata.bootstrap')), undefined);
});

test('join copies a running primary, and starts over cleanly wherever it was killed', {
  timeout: 60_000,
}, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 32 });
  world.start('prod-1');
  world.leadTo('prod-1');
  await world.until('prod-1 is the primary', async () => (await world.status()).currentPrimary === 'prod-1');
  const job = () => startJob(world, 'prod-2', 'join', ['--parent-node', 'prod-rw']);
  const folder = dirname(world.pgData('prod-2'));
  for (const name of ['base', 'backup_manifest', 'standby.signal']) {
    await killWhen(await job(), join(folder, 'pgdata.bootstrap', name));
    assert.equal(existsSync(world.pgData('prod-2')), false, `killed at ${name}`);
  }
  await finish(await job());
  assert.deepEqual(readdirSync(folder), ['pgdata']);
  await world.until('the sender forgets the copies', async () => {
    const [row] = await world.sql('prod-1', 'SELECT count(*)::int AS slots FROM pg_replication_slots');
    return row?.slots === 0 || row?.slots === undefined;
  });
  const source = await readControlData(world.pgData('prod-1'));
  assert.equal((await readControlData(world.pgData('prod-2'))).systemIdentifier, source.systemIdentifier);
});
