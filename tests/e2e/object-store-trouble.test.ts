import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { clusterManifest, manifestFile } from './support/manifests.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { s3Environment } from './support/s3.ts';
import { until } from './support/until.ts';

interface Condition {
  type: string;
  status: string;
  message: string;
}

describe('trouble with the object store is told and loses nothing', { skip: noKubectl, timeout: 400_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  let environment: Record<string, string>;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    environment = s3Environment(matriarch);
    await kubectl(
      'create',
      'secret',
      'generic',
      's3',
      `--from-literal=id=${environment.AWS_ACCESS_KEY_ID}`,
      `--from-literal=key=${environment.AWS_SECRET_ACCESS_KEY}`,
      '--from-literal=wrong=wrong',
    );
  });
  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  const store = (path: string, secretKey = 'key') => ({
    destinationPath: path,
    endpointURL: environment.AWS_ENDPOINT_URL,
    s3Credentials: {
      accessKeyId: { name: 's3', key: 'id' },
      secretAccessKey: { name: 's3', key: secretKey },
    },
  });
  const bucket = () => `s3://${environment.S3_BUCKET}`;
  const apply = async (name: string, spec: Record<string, unknown>) =>
    kubectl('create', '-f', await manifestFile(matriarch, clusterManifest(name, spec)));
  const phase = (name: string) => kubectl('get', 'cluster', name, '-o', 'jsonpath={.status.phase}');
  const archiving = async (name: string) => {
    const conditions = await kubectl('get', 'cluster', name, '-o', 'jsonpath={.status.conditions}');
    return (JSON.parse(conditions || '[]') as Condition[]).find(({ type }) => type === 'ContinuousArchiving');
  };
  const healthy = (name: string) =>
    until(`cluster ${name} is healthy`, 90_000, async () => (await phase(name)).includes('healthy'));

  const failsWith = (name: string, said: RegExp) =>
    until(`archiving of ${name} fails with ${said}`, 60_000, async () => {
      const condition = await archiving(name);
      return condition?.status === 'False' && said.test(condition.message);
    });

  test('a bucket that is not there: the condition names it and what to do', async () => {
    await apply('no-bucket', { backup: { barmanObjectStore: store('s3://there-is-no-such-bucket') } });
    await healthy('no-bucket');
    await failsWith('no-bucket', /NoSuchBucket.*there-is-no-such-bucket.*create the bucket or correct destinationPath/);
    await kubectl('delete', 'cluster', 'no-bucket');
  });

  test('wrong credentials: the condition says so; with the right ones archiving goes on by itself', async () => {
    await apply('wrong-keys', { backup: { barmanObjectStore: store(bucket(), 'wrong') } });
    await healthy('wrong-keys');
    await failsWith('wrong-keys', /SignatureDoesNotMatch.*check the credentials/);
    const right = { data: { wrong: Buffer.from(environment.AWS_SECRET_ACCESS_KEY ?? '').toString('base64') } };
    await kubectl('patch', 'secret', 's3', '--type=merge', '-p', JSON.stringify(right));
    await until('archiving works', 90_000, async () => (await archiving('wrong-keys'))?.status === 'True');
    await kubectl('delete', 'cluster', 'wrong-keys');
  });

  test('a cluster that archives can be restored; an empty path cannot, and a used one is not written to', async () => {
    await apply('source', { backup: { barmanObjectStore: store(bucket()) } });
    await healthy('source');
    await until('archiving works', 60_000, async () => (await archiving('source'))?.status === 'True');

    const recovery = (path: string, own?: string) => ({
      bootstrap: { recovery: { source: 'source' } },
      externalClusters: [{ name: 'source', barmanObjectStore: store(path) }],
      ...(own === undefined ? {} : { backup: { barmanObjectStore: { ...store(own), serverName: 'source' } } }),
    });
    await apply('from-nothing', recovery(`${bucket()}/empty`));
    await untilLog('from-nothing', /no target backup found in s3:.*\/empty\/source; finished backups there: none/);
    await apply('onto-another', recovery(bucket(), bucket()));
    await untilLog('onto-another', /Expected empty archive/);
    assert.equal((await archiving('source'))?.status, 'True', 'the archive of the source is untouched');
    for (const name of ['from-nothing', 'onto-another', 'source']) await kubectl('delete', 'cluster', name);
  });

  /** Waits until the log of a cluster's recovery job says something. */
  const untilLog = (name: string, said: RegExp) =>
    until(`the recovery of ${name} says ${said}`, 60_000, async () => {
      const { stdout } = await kubectl.attempt(
        'logs',
        '-l',
        `cnpg.io/cluster=${name}`,
        '--tail=-1',
        '-c',
        'full-recovery',
      );
      return said.test(stdout);
    });
});
