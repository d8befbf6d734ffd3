import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { clusterManifest, manifestFile } from './support/manifests.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { s3Environment } from './support/s3.ts';
import { until } from './support/until.ts';

// Credentials by the role of the service account, as on EKS. The role of the walkthrough trusts cluster `prod` in
// namespace `demo` and nobody else.

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const trusted = 'system:serviceaccount:demo:prod';

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

describe('the role of a service account', { skip: noKubectl, timeout: 200_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    for (const namespace of ['demo', 'shop']) await kubectl('create', 'namespace', namespace);
  });
  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  /** Creates a cluster that archives with a role, or with whatever its pod has when `arn` is not given. */
  const create = async (namespace: string, name: string, arn?: string) => {
    const { S3_BUCKET: bucket } = s3Environment(matriarch);
    const annotations = arn === undefined ? {} : { 'eks.amazonaws.com/role-arn': arn };
    const manifest = clusterManifest(
      name,
      {
        serviceAccountTemplate: { metadata: { annotations } },
        // On a machine of Amazon's the pod would find the role of that machine.
        env: [{ name: 'AWS_EC2_METADATA_DISABLED', value: 'true' }],
        backup: {
          barmanObjectStore: {
            destinationPath: `s3://${bucket}/${namespace}`,
            s3Credentials: { inheritFromIAMRole: true },
          },
        },
      },
      namespace,
    );
    await kubectl('create', '-f', await manifestFile(matriarch, manifest));
  };
  const archiving = async (namespace: string, name: string): Promise<Condition | undefined> => {
    const conditions = await kubectl('get', 'cluster', name, '-n', namespace, '-o', 'jsonpath={.status.conditions}');
    return (JSON.parse(conditions || '[]') as Condition[]).find(({ type }) => type === 'ContinuousArchiving');
  };
  const stored = async (prefix: string): Promise<string[]> => {
    const { S3_BUCKET, AWS_ENDPOINT_URL, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } =
      s3Environment(matriarch);
    const client = new S3Client({
      endpoint: AWS_ENDPOINT_URL ?? '',
      region: AWS_DEFAULT_REGION ?? '',
      forcePathStyle: true,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' },
    });
    try {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: S3_BUCKET, Prefix: prefix }));
      return Contents.map(({ Key = '' }) => Key);
    } finally {
      client.destroy();
    }
  };

  test('the service account that the role trusts archives with it', async () => {
    await create('demo', 'prod', role('cnpg-prod-irsa'));
    await until('archiving works', 90_000, async () => (await archiving('demo', 'prod'))?.status === 'True');
    assert.notDeepEqual(await stored('demo/prod/wals/'), []);
    await kubectl('delete', 'cluster', 'prod', '-n', 'demo');
  });

  const refused: [what: string, namespace: string, name: string, arn: string | undefined, said: string][] = [
    [
      'a cluster of the same name in another namespace',
      'shop',
      'prod',
      role('cnpg-prod-irsa'),
      `AccessDenied: Role "cnpg-prod-irsa" trusts ${trusted}, not system:serviceaccount:shop:prod`,
    ],
    [
      'another service account in the same namespace',
      'demo',
      'copy',
      role('cnpg-prod-irsa'),
      `AccessDenied: Role "cnpg-prod-irsa" trusts ${trusted}, not system:serviceaccount:demo:copy`,
    ],
    [
      'a role that is not there',
      'demo',
      'unknown',
      role('nobody'),
      'AccessDenied: There is no role "nobody" here; known roles: cnpg-prod-irsa',
    ],
    [
      'a service account without a role',
      'demo',
      'none',
      undefined,
      'CredentialsProviderError: Could not load credentials from any providers',
    ],
  ];
  for (const [what, namespace, name, arn, said] of refused) {
    test(`${what} is refused, and the condition says why`, async () => {
      await create(namespace, name, arn);
      await until('archiving fails', 90_000, async () => (await archiving(namespace, name))?.status === 'False');
      const condition = await archiving(namespace, name);
      assert.equal(condition?.reason, 'ContinuousArchivingFailing');
      assert.ok(condition.message.includes(said), condition.message);
      assert.match(condition.message, /check the credentials .* the role of the service account and its trust policy/);
      assert.deepEqual(await stored(`${namespace}/${name}/`), []);
      await kubectl('delete', 'cluster', name, '-n', namespace);
    });
  }
});
