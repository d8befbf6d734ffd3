/** Volumes that are full, and volumes that hang. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { noSizedVolumes } from '../../packages/local/src/testing/mounts.ts';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { notAskedFor } from './support/long.ts';
import { clusterManifest, manifestFile } from './support/manifests.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { type Login, query } from './support/postgres.ts';
import { createSizedClass, freeBytes, freeze, sizedClass, takeTheRest, thaw, volumeOf } from './support/sized.ts';
import { until } from './support/until.ts';
import { startWriter, type Writer } from './support/writers.ts';

const skip = noKubectl || (await noSizedVolumes());

async function create(kubectl: Kubectl, matriarch: Matriarch, name: string, spec: Record<string, unknown>) {
  const storage = { size: '800Mi', storageClass: sizedClass };
  await kubectl('create', '-f', await manifestFile(matriarch, clusterManifest(name, { storage, ...spec })));
}

const field = (kubectl: Kubectl, name: string, path: string) =>
  kubectl('get', 'cluster', name, '-o', `jsonpath={${path}}`);

function healthy(kubectl: Kubectl, name: string, instances: number): Promise<void> {
  return until(`cluster ${name} is healthy`, 120_000, async () => {
    const status = await field(kubectl, name, '.status.phase}/{.status.readyInstances');
    return status === `Cluster in healthy state/${instances}`;
  });
}

/** Reason and status of the condition that tells of the volumes. */
const diskSpace = (kubectl: Kubectl, name: string) =>
  field(
    kubectl,
    name,
    '.status.conditions[?(@.type=="DiskSpace")].status} {.status.conditions[?(@.type=="DiskSpace")].reason',
  );

async function loginOf(kubectl: Kubectl, name: string): Promise<Login> {
  const secret = await kubectl('get', 'secret', `${name}-app`, '-o', 'jsonpath={.data.password}');
  const password = Buffer.from(secret, 'base64').toString();
  return { namespace: 'default', service: `${name}-rw`, database: 'app', user: 'app', password };
}

/** What is known of a cluster when a test has failed. */
async function told(kubectl: Kubectl, name: string): Promise<string> {
  const logs = ['logs', `${name}-1`, '-c', 'postgres', '--tail', '40'];
  const asked = [
    ['get', 'cluster', name, '-o', 'jsonpath={.status}'],
    ['get', 'events'],
    logs,
    [...logs, '--previous'],
  ];
  const answers = await Promise.all(asked.map((args) => kubectl.attempt(...args)));
  return answers.map(({ stdout, stderr }) => stdout || stderr).join('\n');
}

/** With no room for a WAL segment PostgreSQL is not started; with room again it is. */
async function noRoomForWal(kubectl: Kubectl, volume: string): Promise<void> {
  const others = takeTheRest(volume);
  await until('the cluster says that nobody is let in', 30_000, async () => {
    return (await diskSpace(kubectl, 'disk')) === 'False ConnectionsRefused';
  });
  await until('the reserve is taken as well', 30_000, () => {
    takeTheRest(volume);
    return freeBytes(volume) < 2 ** 20;
  });
  const [pid] = readFileSync(join(volume, 'pgdata/postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGKILL');
  await until('the phase tells of the disk', 60_000, async () => {
    return (await field(kubectl, 'disk', '.status.phase')) === 'Not enough disk space';
  });
  rmSync(others);
  await healthy(kubectl, 'disk', 1);
}

const sum = (writers: readonly Writer[]) => writers.reduce((total, { acknowledged }) => total + acknowledged, 0);

describe('disks', { skip, timeout: 400_000 }, () => {
  test('a volume that fills stops writes, then everybody; PostgreSQL never ends, and a larger volume lets all go on', {
    skip: notAskedFor,
  }, async () => {
    const matriarch = await startMatriarch({ args: ['--port', '0'] });
    const kubectl = kubectlFor(matriarch);
    const writers: Writer[] = [];
    try {
      await createSizedClass(kubectl, matriarch);
      await create(kubectl, matriarch, 'disk', {});
      await healthy(kubectl, 'disk', 1);
      const login = await loginOf(kubectl, 'disk');
      const host = await kubectl('get', 'service', 'disk-rw', '-o', 'jsonpath={.spec.clusterIP}');
      await query(kubectl, login, 'CREATE TABLE kept (n int, filler text)');
      const startSql = 'SELECT pg_postmaster_start_time()::text AS started';
      const [before] = await query<{ started: string }>(kubectl, login, startSql);

      writers.push(startWriter(host, login, 'polite'), startWriter(host, login, 'polite'));
      await until('the cluster says that writes are stopped', 60_000, async () =>
        /^False (WritesStopped|ConnectionsRefused)$/.test(await diskSpace(kubectl, 'disk')),
      );
      await until('a write is refused', 30_000, () => /read-only transaction|reject/.test(writers[0]?.refusal ?? ''));
      await until('what is there can be read, unless the writers were too fast', 30_000, async () => {
        if ((await diskSpace(kubectl, 'disk')) === 'False ConnectionsRefused') return true;
        const [row] = await query<{ n: number }>(kubectl, login, 'SELECT count(*)::int AS n FROM kept');
        return row !== undefined && row.n >= sum(writers);
      });

      writers.push(startWriter(host, login, 'obstinate'), startWriter(host, login, 'obstinate'));
      await until('who writes all the same is kept out', 90_000, () => /reject/.test(writers[3]?.refusal ?? ''));
      const volume = await volumeOf(kubectl, matriarch, 'disk-1');
      takeTheRest(volume);
      await until('the cluster says that nobody is let in', 30_000, async () => {
        return (await diskSpace(kubectl, 'disk')) === 'False ConnectionsRefused';
      });

      const acknowledged = sum(writers);
      const size = JSON.stringify({ spec: { storage: { size: '3000Mi' } } });
      await kubectl('patch', 'cluster', 'disk', '--type', 'merge', '-p', size);
      await until(
        'writes are acknowledged again',
        60_000,
        () => sum(writers.slice(0, 2)) > 0 && sum(writers) > acknowledged,
      );
      await Promise.all(writers.map((writer) => writer.stop()));
      const [after] = await query<{ started: string; n: number }>(
        kubectl,
        login,
        `${startSql}, (SELECT count(*)::int FROM kept) AS n`,
      );
      assert.equal(after?.started, before?.started, 'PostgreSQL ran all the time');
      assert.ok((after?.n ?? 0) >= sum(writers), `${after?.n} of ${sum(writers)} acknowledged rows`);
      await until('the cluster says that there is space', 60_000, async () =>
        (await diskSpace(kubectl, 'disk')).startsWith('True'),
      );
      const reasons = await kubectl('get', 'events', '-o', 'jsonpath={.items[*].reason}');
      // Fast writers may pass the level of stopped writes between two looks.
      for (const reason of ['ConnectionsRefused', 'DiskSpaceSufficient']) {
        assert.ok(reasons.split(' ').includes(reason), `there is an event ${reason}`);
      }
      await noRoomForWal(kubectl, volume);
    } catch (error) {
      throw new Error(await told(kubectl, 'disk'), { cause: error });
    } finally {
      await Promise.all(writers.map((writer) => writer.stop()));
      await matriarch.kill();
      await matriarch.remove();
    }
  });

  test('a primary whose disk hangs is replaced, and comes back as a standby', async () => {
    const matriarch = await startMatriarch({ args: ['--port', '0'] });
    const kubectl = kubectlFor(matriarch);
    let writer: Writer | undefined;
    let volume = '';
    try {
      await createSizedClass(kubectl, matriarch);
      await create(kubectl, matriarch, 'hung', { instances: 2 });
      await healthy(kubectl, 'hung', 2);
      const login = await loginOf(kubectl, 'hung');
      const host = await kubectl('get', 'service', 'hung-rw', '-o', 'jsonpath={.spec.clusterIP}');
      await query(kubectl, login, 'CREATE TABLE kept (n int, filler text)');
      writer = startWriter(host, login, 'polite');
      await until('rows are written', 30_000, () => (writer?.acknowledged ?? 0) > 0);
      const old = await field(kubectl, 'hung', '.status.currentPrimary');
      volume = await volumeOf(kubectl, matriarch, old);
      freeze(volume);
      await until('another instance is the primary', 60_000, async () => {
        return (await field(kubectl, 'hung', '.status.currentPrimary')) !== old;
      });
      const acknowledged = writer.acknowledged;
      await until('rows are written to it', 30_000, () => (writer?.acknowledged ?? 0) > acknowledged);
      thaw(volume);
      await until('the old primary follows', 90_000, async () => {
        const roles = await kubectl('get', 'pod', old, '-o', 'jsonpath={.metadata.labels.cnpg\\.io/instanceRole}');
        return roles === 'replica';
      });
      await writer.stop();
      await healthy(kubectl, 'hung', 2);
    } catch (error) {
      throw new Error(await told(kubectl, 'hung'), { cause: error });
    } finally {
      if (volume !== '') thaw(volume);
      await writer?.stop();
      await matriarch.kill();
      await matriarch.remove();
    }
  });
});
