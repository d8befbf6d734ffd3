import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultApiConfig } from '../../names/defaults.ts';
import { clusterOf, rawCluster, withParameters } from '../../testing/cluster.ts';
import type { Bootstrap } from '../schema/bootstrap.ts';
import { defaultCluster, defaultOldCluster } from './cluster.ts';

const spec = (...parts: Parameters<typeof clusterOf>) => clusterOf(...parts).spec;
const start = (bootstrap: Bootstrap) => spec({ spec: { bootstrap } }).bootstrap;
const imported = { databases: ['*'], source: { externalCluster: 'old' } };

test('the image comes from the operator when there is neither image nor catalog', () => {
  const imageCatalogRef = { apiGroup: 'postgresql.cnpg.io', kind: 'ImageCatalog', name: 'images', major: 17 };
  assert.equal(spec({}).imageName, defaultApiConfig.postgresImageName);
  assert.equal(spec({ spec: { imageName: '' } }).imageName, defaultApiConfig.postgresImageName);
  assert.equal(spec({ spec: { imageName: 'postgresql:17.2' } }).imageName, 'postgresql:17.2');
  assert.equal(spec({ spec: { imageCatalogRef } }).imageName, undefined);
});

test('one way of bootstrap gets its defaults', () => {
  const locale = { encoding: 'UTF8', localeCollate: 'C', localeCType: 'C' };
  const app = { database: 'app', owner: 'app' };
  assert.deepEqual(spec({}).bootstrap, { initdb: { ...app, ...locale } });
  assert.deepEqual(start({ initdb: { database: 'shop', encoding: 'LATIN1' } }), {
    initdb: { ...locale, database: 'shop', owner: 'shop', encoding: 'LATIN1' },
  });
  assert.deepEqual(start({ initdb: { owner: 'me' } })?.initdb?.database, 'app');
  assert.deepEqual(start({ initdb: { import: { ...imported, type: 'monolith' } } }), {
    initdb: { import: { ...imported, type: 'monolith' }, ...locale },
  });
  assert.deepEqual(start({ recovery: { source: 'old' } }), { recovery: { source: 'old', ...app } });
  assert.deepEqual(start({ pg_basebackup: { source: 'old', database: 'shop' } }), {
    pg_basebackup: { source: 'old', database: 'shop', owner: 'shop' },
  });
  assert.deepEqual(start({ recovery: {}, initdb: {} }), { recovery: app, initdb: {} });
});

test('anti-affinity is preferred unless it is switched off', () => {
  assert.equal(spec({}).affinity?.podAntiAffinityType, 'preferred');
  assert.equal(
    spec({ spec: { affinity: { podAntiAffinityType: 'required' } } }).affinity?.podAntiAffinityType,
    'required',
  );
  assert.deepEqual(spec({ spec: { affinity: { enablePodAntiAffinity: false } } }).affinity, {
    enablePodAntiAffinity: false,
  });
});

test('backup target and log level', () => {
  assert.equal(spec({}).backup, undefined);
  assert.equal(spec({ spec: { backup: {} } }).backup?.target, 'prefer-standby');
  assert.equal(spec({ spec: { backup: { target: 'primary' } } }).backup?.target, 'primary');
  assert.equal(spec({}).logLevel, 'info');
});

test('parameters are the defaults, the user ones and the archive mode', () => {
  const parameters = (...parts: Parameters<typeof clusterOf>) => spec(...parts).postgresql?.parameters ?? {};
  const user = parameters(withParameters({ wal_level: 'replica', port: '1', archive_mode: 'off' }));
  assert.equal(user.wal_level, 'replica');
  assert.equal(user.port, '1', 'validation must see it');
  assert.equal(user.archive_mode, 'on', 'computed, whatever the user says');
  assert.equal(user.max_replication_slots, '32');
  assert.equal(parameters({ annotations: { 'cnpg.io/skipWalArchiving': 'enabled' } }).archive_mode, 'off');
  assert.equal(parameters({ spec: { replica: { source: 'old', enabled: true } } }).archive_mode, 'always');
  assert.deepEqual(parameters({ spec: { imageName: 'postgresql:unknown' } }), {});
  const old = defaultOldCluster(rawCluster(withParameters({ port: '1' })), defaultApiConfig);
  assert.equal(old.spec.postgresql?.parameters?.port, undefined);
});

test('synchronous replication', () => {
  const annotation = 'alpha.cnpg.io/failoverQuorum';
  const synchronous = { method: 'any', number: 1, failoverQuorum: true } as const;
  const of = (annotations: Record<string, string>) =>
    spec({ annotations, spec: { postgresql: { synchronous } } }).postgresql?.synchronous;
  assert.deepEqual(of({}), { ...synchronous, dataDurability: 'required' });
  assert.equal(of({ [annotation]: 'false' })?.failoverQuorum, false);
  assert.equal(of({ [annotation]: 'maybe' })?.failoverQuorum, true);
});

test('replication slots', () => {
  const all = { highAvailability: { enabled: true, slotPrefix: '_cnpg_' }, synchronizeReplicas: { enabled: true } };
  assert.deepEqual(spec({}).replicationSlots, all);
  assert.deepEqual(spec({ spec: { replicationSlots: { highAvailability: { enabled: false } } } }).replicationSlots, {
    ...all,
    highAvailability: { enabled: false },
  });
});

test('tablespaces belong to the application owner', () => {
  const tablespaces = [
    { name: 'a', storage: { size: '1Gi' } },
    { name: 'b', storage: { size: '1Gi' }, owner: { name: 'me' } },
  ];
  const owners = (bootstrap: Bootstrap) =>
    spec({ spec: { tablespaces, bootstrap } }).tablespaces?.map(({ owner }) => owner?.name);
  assert.deepEqual(owners({ recovery: { owner: 'shop' } }), ['shop', 'me']);
  assert.deepEqual(owners({ initdb: { import: { ...imported, type: 'monolith' } } }), ['postgres', 'me']);
});

test('default metric queries come first, and once', () => {
  const config = { ...defaultApiConfig, monitoringQueriesConfigMap: 'queries', monitoringQueriesSecret: 'secret' };
  const entry = { name: 'cnpg-default-monitoring', key: 'queries' };
  const own = { name: 'mine', key: 'q' };
  assert.deepEqual(spec({}).monitoring, {});
  assert.deepEqual(spec({ spec: { monitoring: { customQueriesConfigMap: [own] } } }, config).monitoring, {
    customQueriesConfigMap: [entry, own],
    customQueriesSecret: [entry],
  });
  assert.equal(
    spec({ spec: { monitoring: { disableDefaultQueries: true } } }, config).monitoring?.customQueriesSecret,
    undefined,
  );
});

test('plugins of the operator are added', () => {
  const config = { ...defaultApiConfig, includePlugins: ['a', 'b'] };
  assert.equal(spec({}).plugins, undefined);
  assert.deepEqual(spec({ spec: { plugins: [{ name: 'b', enabled: false }] } }, config).plugins, [
    { name: 'b', enabled: false },
    { name: 'a', enabled: true },
  ]);
});

test('the isolation check comes from the older annotation where that is valid', () => {
  const check = (text?: string) =>
    spec(text === undefined ? {} : { annotations: { 'alpha.cnpg.io/livenessPinger': text } }).probes?.liveness
      ?.isolationCheck;
  const usual = { enabled: true, requestTimeout: 1000, connectionTimeout: 1000 };
  assert.deepEqual(check(), usual);
  assert.deepEqual(check('broken'), usual);
  assert.deepEqual(check('{"enabled":false,"requestTimeout":0,"connectionTimeout":50}'), {
    enabled: false,
    requestTimeout: 1000,
    connectionTimeout: 50,
  });
});

test('defaults change nothing a second time, and not the given object', () => {
  const config = { ...defaultApiConfig, monitoringQueriesConfigMap: 'q', includePlugins: ['p'] };
  const given = rawCluster({ spec: { backup: {}, tablespaces: [{ name: 'a', storage: { size: '1Gi' } }] } });
  const copy = structuredClone(given);
  const once = defaultCluster(given, config);
  assert.deepEqual(given, copy);
  assert.deepEqual(defaultCluster(once, config), once);
});
