import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultApiConfig } from '../../names/defaults.ts';
import { clusterOf, rawCluster, withParameters } from '../../testing/cluster.ts';
import { enabledManagedExtensions, preloadLibraries } from '../parameters/merge.ts';
import type { ClusterSpec } from '../schema/spec.ts';
import { imageTag, imageVersion, postgresMajor } from './image.ts';
import { applicationSecretName, serverAltDnsNames, superuserSecretName, tablespaceVolumeName } from './names.ts';
import { coredumpFilter, postgresUid } from './pods.ts';
import { failureDomainKeys, slotName, walArchiverPlugin } from './replication.ts';
import {
  applicationDatabase,
  isApplicationSecretGenerated,
  isInitialized,
  isPromotionPending,
  isReplicaCluster,
} from './roles.ts';
import { probeTiming, promotionTimeout, restartTimeout, smartShutdownTimeout, startDelay } from './timing.ts';

const of = (spec: Partial<ClusterSpec>) => rawCluster({ spec });

test('tags and versions of images', () => {
  const digest = '@sha256:00ff';
  const cases = [
    ['postgresql:16.4-bookworm', '16.4-bookworm', 16, 4],
    ['registry:5000/a/postgresql:17', '17', 17, 0],
    ['registry:5000/a/postgresql', 'latest', undefined, undefined],
    [`postgresql:18.1${digest}`, '18.1', 18, 1],
    [`postgresql${digest}`, '', undefined, undefined],
    ['postgresql:17beta1', '17beta1', 17, 0],
    ['postgresql:15.', '15.', 15, 0],
    ['postgresql:v15', 'v15', undefined, undefined],
  ] as const;
  for (const [reference, tag, major, minor] of cases) {
    assert.equal(imageTag(reference), tag, reference);
    assert.deepEqual(imageVersion(reference), major === undefined ? undefined : { major, minor }, reference);
  }
  assert.equal(postgresMajor(of({}), defaultApiConfig), 18);
});

test('times', () => {
  assert.equal(startDelay(of({ startDelay: 0 })), 3600);
  assert.equal(smartShutdownTimeout(of({ smartShutdownTimeout: 0 })), 0);
  assert.equal(smartShutdownTimeout(of({})), 180);
  assert.equal(restartTimeout(of({ startDelay: 10, stopDelay: 5 })), 15);
  assert.equal(promotionTimeout(of({})), 40_000_000);
  assert.equal(promotionTimeout(of({ postgresql: { promotionTimeout: 60 } })), 60);
});

test('probes', () => {
  assert.deepEqual(probeTiming(of({}), 'startup'), { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 360 });
  assert.equal(probeTiming(of({ startDelay: 8 }), 'startup').failureThreshold, 1);
  assert.equal(probeTiming(of({ startDelay: 31 }), 'startup').failureThreshold, 4);
  assert.deepEqual(probeTiming(of({}), 'liveness'), { periodSeconds: 10, timeoutSeconds: 5 });
  assert.equal(probeTiming(of({ livenessProbeTimeout: 25 }), 'liveness').failureThreshold, 3);
  const probes = { readiness: { periodSeconds: 3, timeoutSeconds: 0, failureThreshold: 7, initialDelaySeconds: 2 } };
  assert.deepEqual(probeTiming(of({ probes }), 'readiness'), {
    periodSeconds: 3,
    timeoutSeconds: 5,
    failureThreshold: 7,
    initialDelaySeconds: 2,
  });
});

test('replica clusters', () => {
  const replica = (settings: object) => isReplicaCluster(of({ replica: { source: 'old', ...settings } }));
  assert.equal(isReplicaCluster(of({})), false);
  assert.equal(replica({ enabled: true }), true);
  assert.equal(replica({ enabled: false, primary: 'old' }), false);
  assert.equal(replica({ primary: 'herd' }), false);
  assert.equal(replica({ primary: 'old' }), true);
  assert.equal(replica({ primary: 'old', self: 'old' }), false);
  const pending = (lastPromotionToken: string) =>
    isPromotionPending(
      rawCluster({ spec: { replica: { source: 'old', promotionToken: 't' } }, status: { lastPromotionToken } }),
    );
  assert.deepEqual([pending('s'), pending('t')], [true, false]);
});

test('application database', () => {
  assert.deepEqual(applicationDatabase(clusterOf()), { database: 'app', owner: 'app' });
  const copied = { bootstrap: { recovery: { database: 'a', owner: 'b', secret: { name: 's' } } } };
  assert.deepEqual(applicationDatabase(of(copied)), { database: 'a', owner: 'b' });
  assert.equal(applicationDatabase(of({ ...copied, replica: { source: 'old', enabled: true } })), undefined);
  assert.equal(isApplicationSecretGenerated(clusterOf()), true);
  assert.equal(isApplicationSecretGenerated(of(copied)), false);
  assert.deepEqual([applicationSecretName(of(copied)), applicationSecretName(of({}))], ['s', 'herd-app']);
  assert.equal(superuserSecretName(of({ superuserSecret: { name: '' } })), 'herd-superuser');
});

test('initialized', () => {
  const condition = (status: string) => [
    { type: 'Initialized', status, reason: 'r', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ];
  assert.equal(isInitialized(rawCluster()), false);
  assert.equal(isInitialized(rawCluster({ status: { conditions: condition('True') } })), true);
  assert.equal(isInitialized(rawCluster({ status: { conditions: condition('False'), latestGeneratedNode: 2 } })), true);
});

test('DNS names of the server certificate', () => {
  const names = serverAltDnsNames(
    of({
      managed: {
        services: {
          disabledDefaultServices: ['ro'],
          additional: [{ selectorType: 'rw', serviceTemplate: { metadata: { name: 'lb' } } }],
        },
      },
      certificates: { serverAltDNSNames: ['db.example'] },
    }),
    { clusterDomain: 'cluster.local' },
  );
  const forms = (service: string) =>
    [service, `${service}.savanna`, `${service}.savanna.svc`, `${service}.savanna.svc.cluster.local`] as const;
  assert.deepEqual(names, [...forms('herd-rw'), ...forms('herd-r'), ...forms('lb'), 'db.example']);
});

test('names of slots and volumes', () => {
  assert.equal(slotName(of({}), 'herd-1'), '_cnpg_herd_1');
  const prefixed = of({ replicationSlots: { highAvailability: { slotPrefix: 'x_' } } });
  assert.equal(slotName(prefixed, 'Herd..A-1'), 'x_herd_a_1');
  assert.equal(slotName(of({ replicationSlots: { highAvailability: { enabled: false } } }), 'herd-1'), '');
  assert.equal(tablespaceVolumeName('_Fast$1'), 'tbs-1fast-1');
  fc.assert(
    fc.property(fc.string(), (instance) => {
      assert.match(slotName(of({}), instance), /^[a-z0-9_]+$/);
    }),
  );
});

test('pods, plugins, failure domains and libraries', () => {
  assert.equal(postgresUid(of({ postgresUID: 0 })), 26);
  assert.equal(coredumpFilter(rawCluster()), '0x31');
  const plugins = [
    { name: 'a', enabled: false, isWALArchiver: true },
    { name: 'b', isWALArchiver: true },
  ];
  assert.equal(walArchiverPlugin(of({ plugins }))?.name, 'b');
  const synchronous = { method: 'any', number: 1, nodeFailureDomainKeys: ['zone'] } as const;
  assert.deepEqual(failureDomainKeys(of({ postgresql: { synchronous: { ...synchronous } as never } })), {
    of: 'node',
    keys: ['zone'],
  });
  const cluster = rawCluster(
    withParameters(
      { 'pgaudit.log': 'all', 'auto_explain.log_min_duration': '1s' },
      { postgresql: { shared_preload_libraries: ['mine', '', 'pgaudit', 'mine'] } },
    ),
  );
  assert.deepEqual(preloadLibraries(cluster), ['mine', 'pgaudit', 'auto_explain']);
  assert.deepEqual(
    enabledManagedExtensions(cluster).map(({ extension }) => extension),
    ['pgaudit', undefined],
  );
});
