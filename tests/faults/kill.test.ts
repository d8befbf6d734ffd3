import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { dataDirectory } from '@matriarch/local';
import { type Kubectl, kubectlFor, noKubectl } from '../e2e/support/kubectl.ts';
import { clusterManifest, manifestFile } from '../e2e/support/manifests.ts';
import { type Matriarch, startMatriarch } from '../e2e/support/matriarch.ts';
import { query } from '../e2e/support/postgres.ts';
import { s3Environment } from '../e2e/support/s3.ts';
import { until } from '../e2e/support/until.ts';

// kill -9 of everything at once, at a moment inside of an operation; the next start must carry on and lose nothing.

const args = ['--port', '0'];

async function login(kubectl: Kubectl, name: string) {
  const secret = await kubectl('get', 'secret', `${name}-app`, '-o', 'jsonpath={.data.password}');
  const password = Buffer.from(secret, 'base64').toString();
  return { namespace: 'default', service: `${name}-rw`, database: 'app', user: 'app', password };
}

const healthy = (kubectl: Kubectl, name: string, ready: number) =>
  until(`cluster ${name} is healthy with ${ready} ready`, 120_000, async () => {
    const status = await kubectl('get', 'cluster', name, '-o', 'jsonpath={.status.phase}/{.status.readyInstances}');
    return status === `Cluster in healthy state/${ready}`;
  });

async function create(matriarch: Matriarch, object: object): Promise<void> {
  await kubectlFor(matriarch)('create', '-f', await manifestFile(matriarch, object));
}

/** Kills everything when `moment` has come, starts it again and hands the new one over. */
async function killAt(
  matriarch: Matriarch,
  what: string,
  moment: () => boolean | Promise<boolean>,
): Promise<Matriarch> {
  await until(what, 60_000, moment);
  await matriarch.kill();
  return startMatriarch({ state: matriarch.state, args });
}

/** How many volumes hold a data directory with something in it. */
function dataDirectories({ state }: Matriarch): number {
  const volumes = join(dataDirectory(state), 'volumes');
  const content = (volume: string) => {
    try {
      return readdirSync(join(volumes, volume, 'pgdata'));
    } catch {
      return [];
    }
  };
  return readdirSync(volumes).filter((volume) => content(volume).length > 0).length;
}

const rows = 200_000;
const keep = `CREATE TABLE kept AS SELECT n, repeat('x', 200) AS filler FROM generate_series(1, ${rows}) n`;

describe('kill -9 of the whole system', { skip: noKubectl, timeout: 600_000 }, () => {
  test('during initdb and during join', async () => {
    let matriarch = await startMatriarch({ args });
    try {
      await create(matriarch, clusterManifest('c', { instances: 2 }));
      for (const [count, what] of [
        [1, 'initdb writes'],
        [2, 'the join writes'],
      ] as const) {
        const before = matriarch;
        matriarch = await killAt(before, what, () => dataDirectories(before) === count);
      }
      const kubectl = kubectlFor(matriarch);
      await healthy(kubectl, 'c', 2);
      assert.equal((await query(kubectl, await login(kubectl, 'c'), 'SELECT 1')).length, 1);
    } finally {
      await matriarch.stop();
      await matriarch.remove();
    }
  });

  test('with rows acknowledged, during a base backup, a restore and a deletion', async () => {
    let matriarch = await startMatriarch({ args });
    try {
      const environment = s3Environment(matriarch);
      let kubectl = kubectlFor(matriarch);
      await kubectl(
        'create',
        'secret',
        'generic',
        's3',
        `--from-literal=id=${environment.AWS_ACCESS_KEY_ID}`,
        `--from-literal=key=${environment.AWS_SECRET_ACCESS_KEY}`,
      );
      const barmanObjectStore = {
        destinationPath: `s3://${environment.S3_BUCKET}`,
        endpointURL: environment.AWS_ENDPOINT_URL,
        s3Credentials: {
          accessKeyId: { name: 's3', key: 'id' },
          secretAccessKey: { name: 's3', key: 'key' },
        },
        data: { immediateCheckpoint: true },
      };
      await create(matriarch, clusterManifest('src', { backup: { barmanObjectStore } }));
      await healthy(kubectl, 'src', 1);
      const app = await login(kubectl, 'src');
      await query(kubectl, app, keep);

      const backup = (name: string) => ({
        apiVersion: 'postgresql.cnpg.io/v1',
        kind: 'Backup',
        metadata: { name, namespace: 'default' },
        spec: { cluster: { name: 'src' } },
      });
      const phaseOf = (name: string) => kubectl('get', 'backup', name, '-o', 'jsonpath={.status.phase}');
      await create(matriarch, backup('cut-off'));
      matriarch = await killAt(matriarch, 'the backup runs', async () =>
        ['running', 'completed'].includes(await phaseOf('cut-off')),
      );
      kubectl = kubectlFor(matriarch);
      await healthy(kubectl, 'src', 1);
      const [count] = await query<{ n: number }>(kubectl, app, 'SELECT count(*)::int AS n FROM kept');
      assert.equal(count?.n, rows, 'acknowledged rows are there');
      await until('the cut-off backup has come to an end', 60_000, async () =>
        ['completed', 'failed'].includes(await phaseOf('cut-off')),
      );
      await create(matriarch, backup('whole'));
      await until('a backup is completed', 60_000, async () => (await phaseOf('whole')) === 'completed');

      const recovery = {
        bootstrap: { recovery: { source: 'src' } },
        externalClusters: [{ name: 'src', barmanObjectStore }],
      };
      await create(matriarch, clusterManifest('copy', recovery));
      const before = matriarch;
      matriarch = await killAt(before, 'the restore writes', () => dataDirectories(before) === 2);
      kubectl = kubectlFor(matriarch);
      await healthy(kubectl, 'copy', 1);
      const countOfCopy = async () => {
        const [copied] = await query<{ n: number }>(
          kubectl,
          await login(kubectl, 'copy'),
          'SELECT count(*)::int AS n FROM kept',
        );
        return copied?.n;
      };
      assert.equal(await countOfCopy(), rows, 'the restored cluster has the rows');

      await kubectl('delete', 'cluster', 'src', '--wait=false');
      await matriarch.kill();
      matriarch = await startMatriarch({ state: matriarch.state, args });
      kubectl = kubectlFor(matriarch);
      await until('everything of the deleted cluster is gone', 60_000, async () => {
        const left = await kubectl('get', 'pods,pvc,svc,jobs', '-l', 'cnpg.io/cluster=src', '-o', 'name');
        return left === '';
      });
      await healthy(kubectl, 'copy', 1);
      assert.equal(await countOfCopy(), rows, 'the other cluster is untouched');
    } finally {
      await matriarch.stop();
      await matriarch.remove();
    }
  });
});
