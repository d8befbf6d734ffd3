/** The embedded cluster with real processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { shortHash } from '../node/layout.ts';
import { ownedProcesses } from '../node/processes.ts';
import {
  DEPLOYMENTS,
  ENDPOINTS,
  EVENTS,
  JOBS,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  SECRETS,
  SERVICES,
} from '../runtime/resources.ts';
import { until } from '../testing/cluster.ts';
import { createStarter, key, kubectl, logOf, podOf, run, stateDirectory } from '../testing/local-cluster.ts';

const start = createStarter('127.14.0.0/17');

test('a Job runs to its end', async (t) => {
  const { api, caches } = await start(t, stateDirectory(t));
  await api.create(JOBS, 'default', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'any', command: ['true'] }] } },
    },
  });
  const job = await until(caches.of(JOBS), key('work'), (found) => found?.status?.conditions?.[0]?.type === 'Complete');
  assert.equal(job?.status?.succeeded, 1);
  const [worker] = caches.of(PODS).list('default');
  assert.deepEqual(worker?.metadata.finalizers ?? [], []);
});

test('a Deployment with a Service: ready pods get the connections, a deleted one is replaced', async (t) => {
  const { api, caches } = await start(t, stateDirectory(t));
  const program =
    "require('net').createServer((s) => s.on('error', () => {}).end(process.env.HOSTNAME)).listen(7000, process.env.MATRIARCH_BIND_ADDRESS)";
  const labels = { app: 'web' };
  await api.create(SERVICES, 'default', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: labels, ports: [{ port: 7000 }] },
  });
  await api.create(DEPLOYMENTS, 'default', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'c',
              image: 'any',
              command: ['node', '-e', program],
              readinessProbe: { tcpSocket: { port: 7000 } },
            },
          ],
        },
      },
    },
  });
  await until(caches.of(DEPLOYMENTS), key('web'), (found) => found?.status?.availableReplicas === 2);
  await until(caches.of(ENDPOINTS), key('web'), (found) => found?.subsets?.[0]?.addresses?.length === 2);
  const ip = caches.of(SERVICES).get(key('web'))?.spec?.clusterIP ?? '';
  const first = await answer(ip, 7000);
  assert.match(first, /^web-/);
  await api.delete(PODS, key(first));
  await until(caches.of(PODS), key(first), (found) => found === undefined);
  await until(caches.of(ENDPOINTS), key('web'), (found) => {
    const targets = found?.subsets?.[0]?.addresses?.map(({ targetRef }) => targetRef?.name) ?? [];
    return targets.length === 2 && !targets.includes(first);
  });
  const names = new Set([await answer(ip, 7000), await answer(ip, 7000)]);
  assert.equal(names.size, 2);
  assert.equal(names.has(first), false);
});

async function answer(host: string, port: number): Promise<string> {
  const socket = connect(port, host);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('a claim is bound in the zone of its pod, keeps its content, grows, and goes with its directory', async (t) => {
  const stateDir = stateDirectory(t);
  const { api, caches } = await start(t, stateDir);
  await api.create(PERSISTENT_VOLUME_CLAIMS, 'default', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const spec = {
    restartPolicy: 'Never' as const,
    nodeSelector: { 'kubernetes.io/hostname': 'node-b' },
    volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }],
  };
  const mount = { volumeMounts: [{ name: 'd', mountPath: '/data' }] };
  await api.create(
    PODS,
    'default',
    podOf('writer', 'echo kept > $CONTAINER_SANDBOX_MOUNT_POINT/data/file', spec, mount),
  );
  await until(caches.of(PODS), key('writer'), (found) => found?.status?.phase === 'Succeeded');
  const claim = caches.of(PERSISTENT_VOLUME_CLAIMS).get(key('data'));
  const volumeKey = { namespace: '', name: claim?.spec?.volumeName ?? '' };
  const volume = caches.of(PERSISTENT_VOLUMES).get(volumeKey);
  assert.match(JSON.stringify(volume?.spec?.nodeAffinity), /zone-b/);
  const directory = join(stateDir, 'volumes', volumeKey.name);
  assert.equal(readFileSync(join(directory, 'file'), 'utf8'), 'kept\n');

  await api.patch(PERSISTENT_VOLUME_CLAIMS, key('data'), { spec: { resources: { requests: { storage: '2Gi' } } } });
  await until(caches.of(PERSISTENT_VOLUME_CLAIMS), key('data'), (found) => found?.status?.capacity?.storage === '2Gi');
  await api.delete(PODS, key('writer'));
  await api.delete(PERSISTENT_VOLUME_CLAIMS, key('data'));
  await until(caches.of(PERSISTENT_VOLUMES), volumeKey, (found) => found === undefined);
  assert.equal(existsSync(directory), false);
});

test('init containers go first, a Secret that comes late starts the pod, its change arrives', async (t) => {
  const { api, caches } = await start(t, stateDirectory(t));
  const script = 'while ! grep -q two $CONTAINER_SANDBOX_MOUNT_POINT/s/k; do sleep 0.05; done';
  const volumeMounts = [
    { name: 's', mountPath: '/s' },
    { name: 'e', mountPath: '/e' },
  ];
  const spec: Partial<PodSpec> = {
    restartPolicy: 'Never',
    volumes: [
      { name: 's', secret: { secretName: 'late' } },
      { name: 'e', emptyDir: {} },
    ],
    initContainers: [
      { name: 'i', image: 'any', command: ['sh', '-c', 'echo 1 > $CONTAINER_SANDBOX_MOUNT_POINT/e/f'], volumeMounts },
    ],
  };
  await api.create(
    PODS,
    'default',
    podOf('p', `cat $CONTAINER_SANDBOX_MOUNT_POINT/e/f && ${script}`, spec, { volumeMounts }),
  );
  const secret = (value: string) => ({ k: Buffer.from(value).toString('base64') });
  await api.create(SECRETS, 'default', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'late' },
    data: secret('one'),
  });
  await until(
    caches.of(PODS),
    key('p'),
    (found) => found?.status?.containerStatuses?.[0]?.state?.running !== undefined,
  );
  await api.patch(SECRETS, key('late'), { data: secret('two') });
  const done = await until(caches.of(PODS), key('p'), (found) => found?.status?.phase === 'Succeeded');
  assert.equal(done?.status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 0);
});

test('crashes are counted and held back; what cannot start says why', async (t) => {
  const { api, caches } = await start(t, stateDirectory(t));
  const waitsFor = (name: string, reason: string) =>
    until(
      caches.of(PODS),
      key(name),
      (found) => found?.status?.containerStatuses?.[0]?.state?.waiting?.reason === reason,
    );
  await api.create(PODS, 'default', podOf('crash', 'exit 3'));
  const crashed = await waitsFor('crash', 'CrashLoopBackOff');
  const [status] = crashed?.status?.containerStatuses ?? [];
  assert.equal(status?.restartCount, 1);
  assert.equal(status?.lastState?.terminated?.exitCode, 3);
  await api.create(PODS, 'default', podOf('image', 'true', {}, { image: 'none' }));
  await waitsFor('image', 'ErrImagePull');
  await api.create(PODS, 'default', podOf('command', 'true', { restartPolicy: 'Never' }, { command: ['/no/such'] }));
  const refused = await until(caches.of(PODS), key('command'), (found) => found?.status?.phase === 'Failed');
  const terminated = refused?.status?.containerStatuses?.[0]?.state?.terminated;
  assert.equal(terminated?.reason, 'StartError');
  assert.match(terminated?.message ?? '', /exec: "\/no\/such"/);
  await until(
    caches.of(EVENTS),
    key(''),
    () =>
      caches
        .of(EVENTS)
        .list()
        .some(({ reason }) => reason === 'BackOff'),
    5000,
  ).catch(() => {
    assert.fail('no BackOff event');
  });
});

test('a pod gets SIGTERM, its time, then SIGKILL with all its processes', async (t) => {
  const stateDir = stateDirectory(t);
  const { api, caches } = await start(t, stateDir);
  const stubborn = 'trap "" TERM; setsid sleep 1000 & sleep 1000; sleep 1000';
  await api.create(PODS, 'default', podOf('stubborn', stubborn));
  await until(caches.of(PODS), key('stubborn'), (found) => found?.status?.containerStatuses?.[0]?.ready === true);
  const begun = performance.now();
  await api.delete(PODS, key('stubborn'));
  await until(caches.of(PODS), key('stubborn'), (found) => found === undefined);
  assert.ok(performance.now() - begun >= 900);
  const sandboxes = `/tmp/mtr-${shortHash(realpathSync(stateDir), 10)}/`;
  const left = ownedProcesses({ owns: (path) => path.startsWith(sandboxes), directories: [], marks: [] });
  assert.deepEqual(left, []);
});

test('a pod made anew under its name has its root at the same path, on whichever node', async (t) => {
  const stateDir = stateDirectory(t);
  const { api, caches } = await start(t, stateDir);
  const sandboxes = `/tmp/mtr-${shortHash(realpathSync(stateDir), 10)}`;
  const make = async (nodeName: string, former?: string) => {
    await api.create(PODS, 'default', podOf('db', 'sleep 1000', { nodeName }));
    const isNew = (found: Pod | undefined) => found?.metadata?.uid !== former;
    return until(caches.of(PODS), key('db'), (found) => isNew(found) && found?.status?.phase === 'Running');
  };
  const first = await make('node-a');
  const [link = ''] = readdirSync(sandboxes);
  assert.match(readlinkSync(join(sandboxes, link)), new RegExp(`/pods/${first?.metadata.uid}/`));
  await api.delete(PODS, key('db'), { gracePeriodSeconds: 0 });
  await until(caches.of(PODS), key('db'), (found) => found === undefined);
  const second = await make('node-b', first?.metadata.uid);
  assert.deepEqual(readdirSync(sandboxes), [link]);
  assert.match(readlinkSync(join(sandboxes, link)), new RegExp(`/pods/${second?.metadata.uid}/`));
});

test('a node that loses power: nothing is told, its pods go when it is gone for good', async (t) => {
  const { api, caches, cluster } = await start(t, stateDirectory(t));
  await api.create(PODS, 'default', podOf('p', 'sleep 1000', { nodeName: 'node-a' }));
  await until(caches.of(PODS), key('p'), (found) => found?.status?.containerStatuses?.[0]?.ready === true);
  await cluster.setNodeDown('node-a');
  assert.equal(caches.of(PODS).get(key('p'))?.status?.phase, 'Running');
  await cluster.setNodeUp('node-a');
  const again = await until(
    caches.of(PODS),
    key('p'),
    (found) => found?.status?.containerStatuses?.[0]?.restartCount === 1 && found.status.containerStatuses[0].ready,
  );
  assert.equal(again?.status?.containerStatuses?.[0]?.lastState?.terminated?.reason, 'ContainerStatusUnknown');
  assert.equal(caches.of(NODES).list().length, 3);
});

test('a pod that was deleted while its node was away starts nothing more when the node is back', async (t) => {
  const { api, caches, cluster } = await start(t, stateDirectory(t));
  const spec = { nodeName: 'node-a', terminationGracePeriodSeconds: 1000 };
  await api.create(PODS, 'default', podOf('p', 'sleep 1000', spec));
  await until(caches.of(PODS), key('p'), (found) => found?.status?.containerStatuses?.[0]?.ready === true);
  await cluster.setNodeDown('node-a');
  await api.delete(PODS, key('p'));
  await cluster.setNodeUp('node-a');
  await until(caches.of(PODS), key('p'), (found) => found === undefined);
});

test('kubectl: logs, exec with exit code and input, port-forward', kubectl, async (t) => {
  const { api, caches, cluster } = await start(t, stateDirectory(t));
  const script = 'echo first; echo second; exec node -e "$PROGRAM"';
  const program =
    "require('net').createServer((s) => s.on('error', () => {}).pipe(s)).listen(7001, process.env.MATRIARCH_BIND_ADDRESS, () => console.log('listening'))";
  const container = { env: [{ name: 'PROGRAM', value: program }], readinessProbe: { tcpSocket: { port: 7001 } } };
  await api.create(PODS, 'default', podOf('echo', script, {}, container));
  await until(caches.of(PODS), key('echo'), (found) => found?.status?.containerStatuses?.[0]?.ready === true);
  assert.equal(await logOf(cluster, 'echo'), 'first\nsecond\nlistening\n');
  assert.match(await logOf(cluster, 'echo', '--tail=1', '--timestamps'), /^\d{4}-\d\d-\d\dT[\d:.]+Z listening\n$/);
  for (const websockets of ['true', 'false']) {
    const env = {
      ...process.env,
      KUBECONFIG: cluster.kubeconfigPath,
      KUBECTL_REMOTE_COMMAND_WEBSOCKETS: websockets,
      KUBECTL_PORT_FORWARD_WEBSOCKETS: websockets,
    };
    await execAndForward(env);
  }
});

async function execAndForward(env: NodeJS.ProcessEnv): Promise<void> {
  const failed = await run('kubectl', ['exec', 'echo', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], {
    env,
    timeout: 10_000,
  }).catch((error: { code: number; stdout: string; stderr: string }) => error);
  assert.equal((failed as { code?: number }).code, 7);
  assert.equal(failed.stdout, 'out\n');
  assert.match(failed.stderr, /^err\n/);
  const cat = spawn('kubectl', ['exec', '-i', 'echo', '--', 'cat'], { env, timeout: 10_000 });
  cat.stdin.end('over and out');
  assert.equal(await textOf(cat.stdout), 'over and out');
  const forward = spawn('kubectl', ['port-forward', 'pod/echo', ':7001', '--address', '127.0.0.1'], {
    env,
    timeout: 10_000,
  });
  const [line] = (await once(forward.stdout, 'data')) as [Buffer];
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1]);
  const socket = connect(port, '127.0.0.1');
  socket.end('there and back');
  assert.equal(await textOf(socket), 'there and back');
  forward.kill();
  await once(forward, 'exit');
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
