import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackupFlags, backupObject, optionalBoolean } from './backup.ts';
import { parseDuration } from './duration.ts';
import { instanceName, requireInstance } from './instance-name.ts';
import { switchoverStatus } from './promote.ts';
import { kubectlArguments } from './psql.ts';
import { restartStatus } from './restart.ts';

const now = new Date('2026-01-15T10:00:12.345Z');
const backupFlags: BackupFlags = {
  backupTarget: '',
  method: '',
  online: '',
  immediateCheckpoint: '',
  waitForArchive: '',
  pluginName: '',
  pluginParameters: '',
  dryRun: false,
};

test('an instance is a serial of the cluster or a name', () => {
  assert.equal(instanceName('prod', '2'), 'prod-2');
  assert.equal(instanceName('prod', 'prod-2'), 'prod-2');
});

test('an instance that a cluster does not have is refused with those that it has', () => {
  const cluster = { metadata: { name: 'prod' }, status: { instanceNames: ['prod-1', 'prod-2'] } } as never;
  requireInstance(cluster, 'prod-2');
  assert.throws(
    () => requireInstance(cluster, 'prod-2-join'),
    /has no instance prod-2-join; its instances: prod-1, prod-2/,
  );
});

test('a restart of the primary is asked for by its phase', () => {
  const { phase, phaseReason, conditions } = restartStatus([], now);
  assert.equal(phase, 'Primary instance is being restarted in-place');
  assert.equal(phaseReason, 'Requested by the user');
  assert.equal(conditions[0]?.status, 'False');
});

test('a switchover is asked for with target, time, phase and condition', () => {
  const other = { type: 'Other', status: 'True', lastTransitionTime: 'x', reason: 'r', message: 'm' };
  assert.deepEqual(switchoverStatus([other], 'prod-2', now), {
    targetPrimary: 'prod-2',
    targetPrimaryTimestamp: '2026-01-15T10:00:12.345000Z',
    phase: 'Switchover in progress',
    phaseReason: 'Switching over to prod-2',
    conditions: [
      other,
      {
        type: 'Ready',
        status: 'False',
        lastTransitionTime: '2026-01-15T10:00:12Z',
        reason: 'ClusterIsNotReady',
        message: 'Cluster Is Not Ready',
      },
    ],
  });
});

test('a backup has the flags that were given and no others', () => {
  const plain = backupObject('prod', 'demo', backupFlags, now);
  assert.equal(plain.metadata.name, 'prod-20260115100012');
  assert.deepEqual(plain.spec, { cluster: { name: 'prod' } });
  const full = backupObject(
    'prod',
    'demo',
    {
      ...backupFlags,
      backupName: 'b',
      backupTarget: 'primary',
      method: 'plugin',
      online: 'T',
      waitForArchive: '0',
      pluginName: 'p',
      pluginParameters: 'a=1,b=x=y',
    },
    now,
  );
  assert.deepEqual(full.spec, {
    cluster: { name: 'prod' },
    target: 'primary',
    method: 'plugin',
    online: true,
    onlineConfiguration: { waitForArchive: false },
    pluginConfiguration: { name: 'p', parameters: { a: '1', b: 'x=y' } },
  });
});

test('what is no boolean or duration is refused with its flag', () => {
  assert.equal(optionalBoolean('--online', ''), undefined);
  assert.throws(() => optionalBoolean('--online', 'yes'), /--online "yes"/);
  assert.equal(parseDuration('--timeout', '1m30s'), 90_000);
  assert.throws(() => parseDuration('--timeout', '10'), /--timeout "10"/);
});

test('psql runs as postgres unless another user is named', () => {
  const flags = { replica: false, tty: true, stdin: true };
  const start = ['exec', '-t', '-i', '-n', 'demo', '-c', 'postgres', 'prod-1', '--', 'psql'];
  assert.deepEqual(kubectlArguments(flags, 'demo', 'prod-1', ['app']), [...start, '-U', 'postgres', 'app']);
  assert.deepEqual(kubectlArguments(flags, 'demo', 'prod-1', ['-U', 'app']), [...start, '-U', 'app']);
});
