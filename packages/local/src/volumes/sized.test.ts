/** Volumes with a size that holds: made, filled, grown, removed, and found again after a kill. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { removeState } from '../local/remove.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../runtime/resources.ts';
import { until } from '../testing/cluster.ts';
import { createStarter, key, kubectl, podOf, run } from '../testing/local-cluster.ts';
import { loopsBelow, noSizedVolumes } from '../testing/mounts.ts';
import { mountsBelow, parseMounts } from './filesystems.ts';
import { FILE_SYSTEM } from './provisioner.ts';

const services = '127.13.0.0/17';
const start = createStarter(services);
const skip = (await noSizedVolumes()) || ('skip' in kubectl ? kubectl.skip : false);
type Started = Awaited<ReturnType<typeof start>>;

/** Starts a cluster; after the test the state is removed, with all that is mounted in it. */
async function begin(t: TestContext, stateDir: string): Promise<Started> {
  const started = await start(t, stateDir);
  t.after(() => removeState(stateDir));
  return started;
}

function newState(): string {
  const path = mkdtempSync(join(tmpdir(), 'matriarch-sized-'));
  chmodSync(path, 0o711);
  return path;
}

const className = 'xfs';
const storageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: className },
  provisioner: 'matriarch.dev/directory',
  parameters: { [FILE_SYSTEM]: 'xfs' },
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

const claimOf = (name: string, storage: string, storageClassName: string): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
});

/** A pod with the claim at /data that runs the script there and ends. */
function job(name: string, claim: string, script: string) {
  return podOf(
    name,
    `cd $CONTAINER_SANDBOX_MOUNT_POINT/data && ${script}`,
    { restartPolicy: 'Never', volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }] },
    { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
  );
}

async function result({ api, caches }: Started, name: string, claim: string, script: string): Promise<string> {
  await api.create(PODS, 'default', job(name, claim, script));
  const over = (phase: string | undefined) => phase === 'Succeeded' || phase === 'Failed';
  const pod = await until(caches.of(PODS), key(name), (found) => over(found?.status?.phase), 30_000);
  await api.delete(PODS, key(name), {});
  return pod?.status?.phase ?? '';
}

test('lines of mountinfo are read, with spaces in names', () => {
  const line = '43 27 7:0 / /tmp/a\\040b/m rw,nosuid shared:1 - ext4 /dev/loop0 rw\n';
  assert.deepEqual(parseMounts(line), [{ directory: '/tmp/a b/m', type: 'ext4', device: '/dev/loop0' }]);
});

test('a volume holds what its claim says, grows while it is used, and leaves nothing', { skip }, async (t) => {
  const stateDir = newState();
  const first = await begin(t, stateDir);
  const claims = first.caches.of(PERSISTENT_VOLUME_CLAIMS);
  await first.api.create(STORAGE_CLASSES, '', storageClass);
  await first.api.create(PERSISTENT_VOLUME_CLAIMS, 'default', claimOf('data', '320Mi', className));
  assert.equal(await result(first, 'fits', 'data', 'fallocate -l 200M kept && echo full > word'), 'Succeeded');
  assert.equal(await result(first, 'too-much', 'data', 'fallocate -l 200M more'), 'Failed');
  await first.api.patch(PERSISTENT_VOLUME_CLAIMS, key('data'), {
    spec: { resources: { requests: { storage: '640Mi' } } },
  });
  await until(claims, key('data'), (claim) => claim?.status?.capacity?.storage === '640Mi');
  assert.equal(await result(first, 'grown', 'data', 'fallocate -l 200M more'), 'Succeeded');
  await first.close();
  assert.deepEqual([await mountsBelow(stateDir), loopsBelow(stateDir)], [[], []]);

  const second = await begin(t, stateDir);
  assert.equal(await result(second, 'again', 'data', 'grep -q full word && test -s more'), 'Succeeded');
  const [volume] = second.caches.of(PERSISTENT_VOLUMES).list();
  const name = volume?.metadata.name ?? '';
  assert.ok(existsSync(join(stateDir, 'volumes', `${name}.img`)));
  await second.api.delete(PERSISTENT_VOLUME_CLAIMS, key('data'), {});
  await until(second.caches.of(PERSISTENT_VOLUMES), { namespace: '', name }, (found) => found === undefined);
  assert.deepEqual([await mountsBelow(stateDir), loopsBelow(stateDir)], [[], []]);
  assert.equal(existsSync(join(stateDir, 'volumes', `${name}.img`)), false);
});

test('the class "sized" is there; what cannot be made is said in an event', { skip }, async (t) => {
  const running = await begin(t, newState());
  await running.api.create(PERSISTENT_VOLUME_CLAIMS, 'default', claimOf('small', '64Mi', 'sized'));
  assert.equal(await result(running, 'fits', 'small', 'fallocate -l 40M a'), 'Succeeded');
  assert.equal(await result(running, 'too-much', 'small', 'fallocate -l 40M b'), 'Failed');
  await running.api.create(STORAGE_CLASSES, '', {
    ...storageClass,
    parameters: { [FILE_SYSTEM]: 'fat' },
    volumeBindingMode: 'Immediate',
  });
  await running.api.create(PERSISTENT_VOLUME_CLAIMS, 'default', claimOf('odd', '64Mi', className));
  const args = ['get', 'events', '-o', 'jsonpath={.items[?(@.reason=="ProvisioningFailed")].message}'];
  for (let text = ''; !text.includes('use ext4 or xfs'); ) {
    text = (await run('kubectl', ['--kubeconfig', running.cluster.kubeconfigPath, ...args])).stdout;
  }
});

test('after kill -9 of everything the next start goes on with the volumes as they were left', { skip }, async (t) => {
  const stateDir = newState();
  const child = spawn(process.execPath, [join(import.meta.dirname, '../testing/run-cluster.ts'), stateDir, services], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const dead = once(child, 'exit');
  await once(child.stdout, 'data');
  const apply = spawn('kubectl', ['--kubeconfig', join(stateDir, 'kubeconfig'), 'create', '-f', '-']);
  const writer = job('p', 'data', 'echo kept > word && sync word && touch done && sleep 1000');
  const items = [claimOf('data', '64Mi', 'sized'), writer];
  apply.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  assert.equal((await once(apply, 'exit'))[0], 0);
  const written = async () => {
    const [mount] = await mountsBelow(stateDir);
    return mount !== undefined && existsSync(join(mount.directory, 'done'));
  };
  while (!(await written())) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGKILL');
  await dead;
  const [mount] = await mountsBelow(stateDir);
  assert.ok(mount, 'the mount outlives the process');

  const again = await begin(t, stateDir);
  await again.api.delete(PODS, key('p'), {});
  assert.equal(await result(again, 'reader', 'data', 'grep -q kept word'), 'Succeeded');
  assert.equal((await mountsBelow(stateDir)).length, 1);
  await again.close();
  assert.deepEqual([await mountsBelow(stateDir), loopsBelow(stateDir)], [[], []]);
});
