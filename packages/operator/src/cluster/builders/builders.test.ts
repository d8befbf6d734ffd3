import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../config/load.ts';
import { testCluster } from '../testing/world.ts';
import { initdbFlags, shellJoin } from './initdb-command.ts';
import { buildJob } from './job.ts';
import { applyJsonPatch } from './jsonpatch.ts';
import { globPattern, inheritedLabels } from './metadata.ts';
import { buildPodDisruptionBudgets } from './pdb.ts';
import { buildInstancePod } from './pod.ts';
import { buildRole } from './rbac.ts';
import { buildCredentialsSecret } from './secrets.ts';
import { buildServices } from './services.ts';

type Spec = Parameters<typeof testCluster>[0];
const context = (spec: Spec = {}, settings: Record<string, string> = {}) => ({
  cluster: testCluster(spec),
  config: loadConfig([settings]),
});

test('the pod: names, environment in order, probes, mounts in order', () => {
  const pod = buildInstancePod(
    context({ walStorage: { size: '1Gi' }, startDelay: 300 }, { CREATE_ANY_SERVICE: 'true' }),
    2,
  );
  const [postgres] = pod.spec?.containers ?? [];
  assert.equal(pod.metadata?.name, 'prod-2');
  assert.equal(pod.spec?.subdomain, 'prod-any');
  assert.deepEqual(postgres?.command, [
    '/controller/manager',
    'instance',
    'run',
    '--status-port-tls',
    '--log-level=info',
  ]);
  assert.deepEqual(
    postgres?.env?.map(({ name }) => name),
    ['PGDATA', 'POD_NAME', 'NAMESPACE', 'CLUSTER_NAME', 'PSQL_HISTORY', 'PGPORT', 'PGHOST', 'TMPDIR'],
  );
  assert.deepEqual(
    postgres?.volumeMounts?.map(({ mountPath }) => mountPath),
    [
      '/var/lib/postgresql/data',
      '/run',
      '/controller',
      '/dev/shm',
      '/var/lib/postgresql/wal',
      '/var/run/secrets/kubernetes.io/serviceaccount',
    ],
  );
  assert.equal(postgres?.startupProbe?.failureThreshold, 30);
  const [init] = pod.spec?.initContainers ?? [];
  assert.ok(!init?.volumeMounts?.some(({ name }) => name === 'kube-api-access'));
  assert.deepEqual(
    JSON.parse(pod.metadata?.annotations?.['cnpg.io/podSpec'] ?? ''),
    JSON.parse(JSON.stringify(pod.spec)),
  );
});

test('the pod takes the patch of the user', () => {
  const patched = context();
  const operations = [{ op: 'add', path: '/spec/dnsPolicy', value: 'None' }];
  patched.cluster.metadata.annotations = { 'cnpg.io/podPatch': JSON.stringify(operations) };
  assert.equal(buildInstancePod(patched, 1).spec?.dnsPolicy, 'None');
  assert.throws(() => applyJsonPatch({ a: 1 }, [{ op: 'remove', path: '/b' }]), /\/b: there is no such field/);
});

test('commands of the jobs', () => {
  const command = (spec: Spec, role: Parameters<typeof buildJob>[1]['role']) =>
    buildJob(context(spec), { serial: 1, role }).spec?.template.spec?.containers[0]?.command?.join(' ');
  assert.equal(
    command({ walStorage: { size: '1Gi' } }, 'join'),
    '/controller/manager instance join --parent-node prod-rw --pg-wal /var/lib/postgresql/wal/pg_wal --log-level=info',
  );
  assert.equal(
    command({ bootstrap: { initdb: { postInitSQL: ["SELECT 'a b'"] } } }, 'initdb'),
    '/controller/manager instance init --initdb-flags --encoding=UTF8 --lc-collate=C --lc-ctype=C' +
      ` --post-init-sql 'SELECT '\\''a b'\\''' --app-db-name app --app-user app --log-level=info`,
  );
  assert.equal(command({}, 'full-recovery'), '/controller/manager instance restore --log-level=info');
});

test('initdb waits for the secret of the owner', () => {
  const job = buildJob(context(), { serial: 1, role: 'initdb' });
  const env = job.spec?.template.spec?.containers[0]?.env?.find(({ name }) => name === 'APP_USERNAME');
  assert.deepEqual(env?.valueFrom?.secretKeyRef, { name: 'prod-app', key: 'username', optional: false });
  assert.equal(job.metadata?.name, 'prod-1-initdb');
  assert.equal(job.spec?.template.metadata?.labels?.['cnpg.io/podRole'], undefined);
});

test('flags of initdb: options replace all others', () => {
  const flags = (initdb: object) => initdbFlags(testCluster({ bootstrap: { initdb } }));
  assert.deepEqual(flags({ options: ['--a', 'b'], dataChecksums: true }), ['--a', 'b']);
  assert.ok(flags({ dataChecksums: true, walSegmentSize: 32 }).join(' ').startsWith('-k --encoding=UTF8'));
  assert.ok(!flags({ walSegmentSize: 33 }).some((flag) => flag.includes('segsize')));
});

test('shell words survive quoting', () => {
  const unquote = (text: string) =>
    [...text.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
      word.replace(/'([^']*)'|\\'/g, (_, inner) => inner ?? "'"),
    );
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z '=-]+$/), { minLength: 1, maxLength: 4 }), (words) => {
      assert.deepEqual(unquote(shellJoin(words)), words);
    }),
  );
});

test('services: selectors, the additional ones, and the annotation for the next merge', () => {
  const additional = [
    { selectorType: 'rw' as const, serviceTemplate: { metadata: { name: 'lb' }, spec: { type: 'LoadBalancer' } } },
  ];
  const services = buildServices(context({ managed: { services: { disabledDefaultServices: ['r'], additional } } }));
  assert.deepEqual(
    services.map(({ metadata }) => metadata?.name),
    ['prod-ro', 'prod-rw', 'lb'],
  );
  const [, rw, lb] = services;
  assert.deepEqual(rw?.spec?.selector, { 'cnpg.io/cluster': 'prod', 'cnpg.io/instanceRole': 'primary' });
  assert.equal(lb?.spec?.ports?.[0]?.port, 5432);
  assert.equal(lb?.metadata?.annotations?.['cnpg.io/updateStrategy'], 'patch');
  assert.deepEqual(JSON.parse(rw?.metadata?.annotations?.['cnpg.io/lastAppliedSpec'] ?? ''), rw?.spec);
});

test('disruption budgets by size and maintenance', () => {
  const budgets = (spec: Spec) => buildPodDisruptionBudgets(context(spec)).map(({ metadata }) => metadata?.name);
  const nodeMaintenanceWindow = { inProgress: true, reusePVC: true };
  assert.deepEqual(budgets({ instances: 3 }), ['prod-primary', 'prod']);
  assert.deepEqual(budgets({ instances: 2 }), ['prod-primary']);
  assert.deepEqual(budgets({ instances: 3, nodeMaintenanceWindow }), ['prod-primary']);
  assert.deepEqual(budgets({ instances: 1, nodeMaintenanceWindow }), []);
  assert.deepEqual(budgets({ enablePDB: false }), []);
});

test('credentials in every form, encoded', () => {
  const request = { name: 'prod-app', userType: 'app', username: 'a@b', database: 'app' } as const;
  const { data = {} } = buildCredentialsSecret(context(), request, 'p/w');
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  assert.equal(text('uri'), 'postgresql://a%40b:p%2Fw@prod-rw.demo:5432/app');
  assert.equal(
    text('fqdn-jdbc-uri'),
    'jdbc:postgresql://prod-rw.demo.svc.cluster.local:5432/app?password=p%2Fw&user=a%40b',
  );
  assert.equal(text('pgpass'), 'prod-rw:5432:app:a@b:p/w\n');
});

test('the role names the secrets of the cluster and of its stores, sorted', () => {
  const s3Credentials = { accessKeyId: { name: 's3', key: 'id' }, secretAccessKey: { name: 's3', key: 'key' } };
  const role = buildRole(context({ backup: { barmanObjectStore: { destinationPath: 's3://b', s3Credentials } } }), {
    databaseRoles: [],
  });
  const secrets = role.rules?.find(({ resources }) => resources?.includes('secrets'));
  assert.deepEqual(secrets?.resourceNames, [
    'prod-app',
    'prod-ca',
    'prod-replication',
    'prod-server',
    'prod-superuser',
    's3',
  ]);
});

test('inherited labels follow patterns, which stop at a slash', () => {
  const inherited = context({}, { INHERITED_LABELS: 'team*,x.io/?' });
  inherited.cluster.metadata.labels = { team: 'a', teams: 'b', 'team/x': 'c', 'x.io/1': 'd', other: 'e' };
  assert.deepEqual(inheritedLabels(inherited), { team: 'a', teams: 'b', 'x.io/1': 'd', 'cnpg.io/cluster': 'prod' });
  assert.equal(globPattern('[a'), undefined);
});
