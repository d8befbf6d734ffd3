import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  backupsInOrder,
  backupTarget,
  isOnlineBackup,
  isRunByInstance,
  onlineSettings,
  snapshotDeadlineSeconds,
} from '../backup/effective.ts';
import type { Backup } from '../backup/kind.ts';
import { validateBackup } from '../backup/validation.ts';
import type { Database } from '../database/kind.ts';
import { validateDatabase } from '../database/validation.ts';
import { clientCertificateSecretName, isClientCertificateEnabled } from '../databaserole/effective.ts';
import { defaultApiConfig } from '../names/defaults.ts';
import {
  authQuery,
  isAutomaticIntegration,
  isPaused,
  isPoolerMetricsTlsEnabled,
  poolerSecretNames,
  poolerServiceAccountName,
} from '../pooler/effective.ts';
import type { Pooler } from '../pooler/kind.ts';
import { pgbouncerParameters } from '../pooler/parameters.ts';
import { poolerWarnings, validatePooler } from '../pooler/validation.ts';
import type { ScheduledBackup } from '../scheduledbackup/kind.ts';
import { scheduledBackupWarnings, validateScheduledBackup } from '../scheduledbackup/validation.ts';
import { brief, rawCluster } from '../testing/cluster.ts';

const metadata = { name: 'it', namespace: 'savanna' };
const cluster = { name: 'herd' };

const backup = (spec: Partial<Backup['spec']>, rest: Partial<Backup> = {}): Backup => ({
  metadata,
  spec: { cluster, ...spec },
  ...rest,
});

test('backups', () => {
  const errors = (object: Backup, haveVolumeSnapshots = false) =>
    brief(validateBackup(object, { ...defaultApiConfig, haveVolumeSnapshots }));
  assert.deepEqual(errors(backup({})), []);
  assert.deepEqual(errors(backup({ method: 'volumeSnapshot', online: true }), true), []);
  assert.deepEqual(errors(backup({ method: 'volumeSnapshot' })), ['Invalid spec.method']);
  assert.deepEqual(errors(backup({ online: false, onlineConfiguration: {} })), [
    'Invalid spec.online',
    'Invalid spec.onlineConfiguration',
  ]);
  assert.deepEqual(errors(backup({ method: 'plugin', online: true, pluginConfiguration: { name: 'p' } })), []);
  assert.deepEqual(errors(backup({ method: 'plugin' })), ['Invalid spec.pluginConfiguration']);
  const annotated = (value: string) =>
    backup({}, { metadata: { ...metadata, annotations: { 'cnpg.io/volumeSnapshotDeadline': value } } });
  assert.deepEqual(errors(annotated('20')), []);
  assert.deepEqual(errors(annotated('')), []);
  assert.deepEqual(errors(annotated('2h')), ['Invalid metadata.annotations.cnpg.io/volumeSnapshotDeadline']);
  assert.deepEqual([snapshotDeadlineSeconds(annotated('20')), snapshotDeadlineSeconds(annotated('2h'))], [1200, 600]);
});

test('what holds for a backup', () => {
  const offline = rawCluster({
    spec: { backup: { volumeSnapshot: { online: false, onlineConfiguration: { immediateCheckpoint: true } } } },
  });
  assert.equal(isOnlineBackup(backup({}), offline), true);
  assert.equal(isOnlineBackup(backup({ method: 'volumeSnapshot' }), offline), false);
  assert.equal(isOnlineBackup(backup({ method: 'volumeSnapshot', online: true }), offline), true);
  assert.deepEqual(onlineSettings(backup({}), offline), { waitForArchive: true, immediateCheckpoint: true });
  assert.deepEqual(onlineSettings(backup({ onlineConfiguration: { waitForArchive: false } }), offline), {
    waitForArchive: false,
    immediateCheckpoint: false,
  });
  assert.equal(backupTarget(backup({}), offline), 'prefer-standby');
  assert.equal(backupTarget(backup({ target: 'primary' }), offline), 'primary');
  assert.equal(isRunByInstance(backup({})), true);
  assert.equal(isRunByInstance(backup({ method: 'volumeSnapshot' })), false);
});

test('the order of backups', () => {
  const made = (name: string, second: number, phase?: string) =>
    backup(
      {},
      {
        metadata: { ...metadata, name, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
        ...(phase === undefined ? {} : { status: { phase } }),
      },
    );
  const names = (...list: Backup[]) => backupsInOrder(list).map((object) => object.metadata.name);
  assert.deepEqual(names(made('c', 2), made('b', 1), made('a', 1), made('z', 0, 'completed')), ['a', 'b', 'c']);
  assert.deepEqual(names(made('a', 1), made('b', 2, 'running')), ['b']);
});

test('scheduled backups', () => {
  const scheduled = (spec: Partial<ScheduledBackup['spec']>): ScheduledBackup => ({
    metadata,
    spec: { cluster, schedule: '0 0 0 * * *', ...spec },
  });
  const errors = (object: ScheduledBackup) => brief(validateScheduledBackup(object, defaultApiConfig));
  assert.deepEqual(errors(scheduled({})), []);
  assert.deepEqual(errors(scheduled({ method: 'plugin' })), []);
  assert.deepEqual(errors(scheduled({ schedule: 'daily', method: 'volumeSnapshot' })), [
    'Invalid spec.schedule',
    'Invalid spec.method',
  ]);
  assert.deepEqual(errors(scheduled({ online: true })), ['Invalid spec.online']);
  assert.deepEqual(scheduledBackupWarnings(scheduled({})), []);
  assert.equal(scheduledBackupWarnings(scheduled({ schedule: '0 0 0 * *' })).length, 1);
  assert.equal(scheduledBackupWarnings(scheduled({ schedule: '@daily' })).length, 1);
});

test('databases', () => {
  const errors = (spec: Partial<Database['spec']>) =>
    brief(validateDatabase({ metadata, spec: { cluster, name: 'shop', owner: 'app', ...spec } }));
  const twice = [{ name: 'a' }, { name: 'a' }];
  const options = twice.map((option) => ({ ...option, value: 'v' }));
  assert.deepEqual(errors({}), []);
  assert.deepEqual(errors({ extensions: twice, schemas: twice }), [
    'Duplicate spec.extensions[1].name',
    'Duplicate spec.schemas[1].name',
  ]);
  assert.deepEqual(errors({ fdws: [{ name: 'f', options, usage: twice }] }), [
    'Duplicate spec.fdws[0].options[1].name',
    'Duplicate spec.fdws[0].usages[1].name',
  ]);
  assert.deepEqual(errors({ fdws: [{ name: 'f' }], servers: [{ name: 's', fdw: 'f', options }] }), [
    'Duplicate spec.servers[0].options[1].name',
  ]);
  assert.deepEqual(errors({ servers: [{ name: 's', fdw: 'f' }] }), ['Invalid spec.servers[0].fdw']);
  assert.deepEqual(errors({ servers: [{ name: 's', fdw: 'f', ensure: 'absent' }] }), []);
});

const pooler = (pgbouncer: Pooler['spec']['pgbouncer'], spec: Partial<Pooler['spec']> = {}): Pooler => ({
  metadata,
  spec: { cluster, pgbouncer, ...spec },
});

test('poolers', () => {
  const errors = (...parts: Parameters<typeof pooler>) => brief(validatePooler(pooler(...parts)));
  const secret = { name: 's' };
  assert.equal(pgbouncerParameters.size, 58);
  assert.deepEqual(errors({ parameters: { max_client_conn: '100' } }), []);
  assert.deepEqual(errors({ parameters: { listen_port: '1' } }), ['Invalid spec.cluster.parameters']);
  assert.deepEqual(errors({ authQuery: 'SELECT 1', serverTLSSecret: secret }), []);
  assert.deepEqual(errors({ authQuerySecret: secret }), ['Invalid spec.pgbouncer.authQuery']);
  assert.deepEqual(errors({ authQuery: 'SELECT 1' }), ['Invalid spec.pgbouncer.authQuerySecret.name']);
  assert.deepEqual(errors({}, { cluster: { name: '' } }), ['Invalid spec.cluster.name']);
  assert.deepEqual(errors({}, { cluster: { name: 'it' } }), ['Invalid metadata.name']);
  const monitoring = { enablePodMonitor: true, tls: { enabled: true } };
  assert.deepEqual(errors({}, { monitoring }), ['Required spec.pgbouncer.clientTLSSecret']);
  assert.deepEqual(errors({ clientTLSSecret: secret }, { monitoring }), []);
  assert.deepEqual(brief(validatePooler({ metadata, spec: { cluster } as Pooler['spec'] })), [
    'Invalid spec.pgbouncer',
  ]);
});

test('what holds for a pooler, and its warnings', () => {
  const own = pooler({ authQuery: 'q', authQuerySecret: { name: 'mine' } });
  assert.deepEqual([isAutomaticIntegration(pooler({})), isAutomaticIntegration(own)], [true, false]);
  assert.equal(poolerWarnings(pooler({})).length, 0);
  assert.equal(poolerWarnings(own).length, 2);
  assert.deepEqual(poolerSecretNames(pooler({}), rawCluster()), {
    authQuery: 'herd-pooler',
    serverCA: 'herd-ca',
    clientCA: 'herd-ca',
    clientTLS: 'herd-server',
  });
  const secrets = { serverCASecret: { name: 'a' }, clientCASecret: { name: 'b' }, clientTLSSecret: { name: 'c' } };
  assert.deepEqual(poolerSecretNames(pooler({ ...secrets, serverTLSSecret: { name: 'd' } }), rawCluster()), {
    authQuery: 'herd-pooler',
    serverCA: 'a',
    clientCA: 'b',
    clientTLS: 'c',
    serverTLS: 'd',
  });
  assert.equal(authQuery(pooler({})), 'SELECT usename, passwd FROM public.user_search($1)');
  assert.equal(authQuery(own), 'q');
  assert.deepEqual([isPaused(pooler({})), isPaused(pooler({ paused: true }))], [false, true]);
  assert.equal(poolerServiceAccountName(pooler({})), 'it');
  assert.equal(poolerServiceAccountName(pooler({}, { serviceAccountName: 'sa' })), 'sa');
  assert.equal(isPoolerMetricsTlsEnabled(pooler({})), false);
  const monitoring = { enablePodMonitor: true, podMonitorRelabelings: [{}] };
  assert.equal(poolerWarnings(pooler({}, { monitoring })).length, 2);
});

test('client certificates of roles', () => {
  const role = (clientCertificate?: { enabled?: boolean }) => ({
    metadata,
    spec: { cluster, name: 'app', ...(clientCertificate === undefined ? {} : { clientCertificate }) },
  });
  assert.deepEqual([role(), role({}), role({ enabled: false })].map(isClientCertificateEnabled), [false, true, false]);
  assert.equal(clientCertificateSecretName(role()), 'it-client-cert');
});
