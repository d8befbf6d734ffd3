import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Kubectl, kubectlFor, noKubectl, type Output } from './support/kubectl.ts';
import { clusterManifest, manifestFile } from './support/manifests.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { until } from './support/until.ts';

describe('bad input is refused with field, value and remedy', { skip: noKubectl, timeout: 300_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
  });
  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  const create = async (object: object, ...args: string[]): Promise<Output> =>
    kubectl.attempt('create', '-f', await manifestFile(matriarch, object), ...args);

  const refused: [name: string, spec: Record<string, unknown>, said: RegExp][] = [
    ['unknown field', { instance: 1 }, /unknown field "spec\.instance"/],
    ['wrong type', { instances: 'three' }, /spec\.instances.*(must be of type integer|expected integer)/s],
    ['no instances', { instances: 0 }, /spec\.instances.*0.*greater than or equal to 1/s],
    ['negative quantity', { storage: { size: '-1Gi' } }, /spec\.storage\.size.*-1Gi.*write a size/s],
    ['bad quantity', { storage: { size: '1Gigabyte' } }, /spec\.storage\.size.*1Gigabyte/s],
    ['fixed parameter', { postgresql: { parameters: { port: '6000' } } }, /spec\.postgresql\.parameters\.port.*6000/s],
    [
      'malformed pg_hba',
      { postgresql: { pg_hba: ['hosst all all all md5'] } },
      /spec\.postgresql\.pg_hba\[0\].*hosst/s,
    ],
    [
      'an address of pg_hba that is none',
      { postgresql: { pg_hba: ['host all all 10.0.0.0/8 md5', 'host all all 10.0.0.0/33 md5'] } },
      /spec\.postgresql\.pg_hba\[1\].*10\.0\.0\.0\/33.*from 0 to 32/s,
    ],
    [
      'sizes that cannot be',
      { postgresql: { parameters: { shared_buffers: '4GB' } }, resources: { requests: { memory: '1Gi' } } },
      /spec\.resources\.requests.*4GB/s,
    ],
    ['two kinds of bootstrap', { bootstrap: { initdb: {}, recovery: { source: 'x' } } }, /spec\.bootstrap/],
    ['tag latest', { imageName: 'ghcr.io/cloudnative-pg/postgresql:latest' }, /spec\.imageName.*latest/s],
  ];
  for (const [name, spec, said] of refused) {
    test(name, async () => {
      const { code, stderr } = await create(clusterManifest('refused', spec));
      assert.equal(code, 1, stderr);
      assert.match(stderr, said);
      assert.equal((await kubectl.attempt('get', 'cluster', 'refused')).code, 1, 'nothing was created');
    });
  }

  test('an unknown field is only a warning where the user does not ask for strictness', async () => {
    const { code, stderr } = await create(
      clusterManifest('lenient', { instance: 1 }),
      '--validate=warn',
      '--dry-run=server',
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /unknown field "spec\.instance"/);
  });

  test('an image tag that cannot be had leaves the pod in ErrImagePull with an event that says so', async () => {
    await create(clusterManifest('no-image', { imageName: 'ghcr.io/cloudnative-pg/postgresql:17.99' }));
    await until('the pod waits for its image', 60_000, async () => {
      const reasons = await kubectl(
        'get',
        'pods',
        '-l',
        'cnpg.io/cluster=no-image',
        '-o',
        'jsonpath={..waiting.reason}',
      );
      return /ErrImagePull|ImagePullBackOff/.test(reasons);
    });
    const events = await kubectl(
      'get',
      'events',
      '--field-selector',
      'reason=Failed',
      '-o',
      'jsonpath={.items[*].message}',
    );
    assert.match(events, /postgresql:17\.99.*17\.99/s);
    await kubectl('delete', 'cluster', 'no-image');
  });

  test('a storage cannot shrink, and stays as it is', async () => {
    await create(clusterManifest('shrink', { storage: { size: '2Gi' } }));
    await until('cluster shrink is healthy', 60_000, async () =>
      (await kubectl('get', 'cluster', 'shrink', '-o', 'jsonpath={.status.phase}')).includes('healthy'),
    );
    const { stderr } = await kubectl.attempt(
      'patch',
      'cluster',
      'shrink',
      '--type=merge',
      '-p',
      '{"spec":{"storage":{"size":"1Gi"}}}',
    );
    assert.match(stderr, /spec\.storage\.size: Invalid value: "1Gi": use at least 2Gi/);
    const size = await kubectl('get', 'pvc', 'shrink-1', '-o', 'jsonpath={.spec.resources.requests.storage}');
    assert.equal(size, '2Gi');
    await kubectl('delete', 'cluster', 'shrink');
  });

  test('a backup of a cluster that is not there, or is in another namespace, says so', async () => {
    await create(clusterManifest('here', { imageName: 'ghcr.io/cloudnative-pg/postgresql:17.99' }));
    const backup = (name: string, namespace: string, cluster: string) => ({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Backup',
      metadata: { name, namespace },
      spec: { cluster: { name: cluster } },
    });
    for (const [namespace, cluster] of [
      ['default', 'nowhere'],
      ['kube-public', 'here'],
    ] as const) {
      await create(backup('orphan', namespace, cluster));
      await until('the event tells of the missing cluster', 20_000, async () => {
        const events = await kubectl(
          'get',
          'events',
          '-n',
          namespace,
          '--field-selector',
          'involvedObject.name=orphan',
        );
        return new RegExp(
          `FindingCluster.*${namespace}/${cluster}" does not exist.*create it, or the Backup where`,
        ).test(events);
      });
      assert.equal(
        await kubectl('get', 'backup', 'orphan', '-n', namespace, '-o', 'jsonpath={.status.phase}'),
        'pending',
      );
      await kubectl('delete', 'backup', 'orphan', '-n', namespace);
    }
    await kubectl('delete', 'cluster', 'here');
  });

  test('a secret without password is told', async () => {
    await kubectl(
      'create',
      'secret',
      'generic',
      'half',
      '--type=kubernetes.io/basic-auth',
      '--from-literal=username=app',
    );
    const secret = { name: 'half' };
    await create(clusterManifest('half', { bootstrap: { initdb: { database: 'app', owner: 'app', secret } } }));
    await until('the log of the instance tells of the secret', 60_000, async () => {
      const { stdout } = await kubectl.attempt('logs', 'half-1', '-c', 'postgres');
      return /Secret \\"half\\" for role \\"app\\" has no key \\"password\\": add it/.test(stdout);
    });
    await kubectl('delete', 'cluster', 'half');
  });

  test('a secret that is missing is told by the pod that waits for it', async () => {
    const secret = { name: 'not-there' };
    await create(clusterManifest('no-secret', { bootstrap: { initdb: { database: 'app', owner: 'app', secret } } }));
    await until('an event names the secret', 30_000, async () => {
      const events = await kubectl('get', 'events', '-o', 'jsonpath={.items[*].message}');
      return /not-there/.test(events);
    });
    await kubectl(
      'create',
      'secret',
      'generic',
      'not-there',
      '--type=kubernetes.io/basic-auth',
      '--from-literal=username=app',
      '--from-literal=password=x',
    );
    await until('the cluster goes on when the secret is there', 60_000, async () =>
      (await kubectl('get', 'cluster', 'no-secret', '-o', 'jsonpath={.status.phase}')).includes('healthy'),
    );
    await kubectl('delete', 'cluster', 'no-secret');
  });
});
