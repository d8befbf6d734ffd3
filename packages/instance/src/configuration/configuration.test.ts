import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { containerLayout } from '../paths.ts';
import { computeParameters } from './compute.ts';
import { renderHba, renderIdent } from './hba.ts';
import { ensureIncludes, renderCustomConf } from './render.ts';

const layout = containerLayout({});

function clusterWith(spec: object, status: object = {}): Cluster {
  return { metadata: { name: 'prod', namespace: 'demo' }, spec: { instances: 3, ...spec }, status } as Cluster;
}

test('what we depend on wins over the user, and the rest of the user over the defaults', () => {
  const parameters = { port: '1', wal_level: 'replica', 'auto_explain.log_min_duration': '10s' };
  const { settings } = computeParameters({
    cluster: clusterWith({ postgresql: { parameters, shared_preload_libraries: ['mine'] } }),
    layout,
    podName: 'prod-1',
    major: 17,
    synchronous: undefined,
  });
  assert.equal(settings.port, '5432');
  assert.equal(settings.wal_level, 'replica');
  assert.equal(settings.shared_preload_libraries, 'mine,auto_explain');
  assert.equal(settings.archive_mode, 'on');
  assert.equal(settings.cluster_name, 'prod');
  assert.equal(settings.allow_alter_system, 'off');
  assert.match(settings.archive_command ?? '', /^\/controller\/manager wal-archive .* %p$/);
});

test('custom.conf is sorted, quoted and ends in the hash of the settings', () => {
  const { text, hash } = renderCustomConf({ b: "it's", a: '1' }, { 'cnpg.x': 'y' });
  assert.equal(text, `a = '1'\nb = 'it''s'\ncnpg.x = 'y'\ncnpg.config_sha256 = '${hash}'\n`);
  assert.match(hash, /^[0-9a-f]{64}$/);
});

test('the includes stand at the end of postgresql.conf once, in order', () => {
  const once = ensureIncludes("a = 1\ninclude 'override.conf'\ninclude_if_exists 'restraint.conf'\n");
  assert.equal(once, "a = 1\n\ninclude 'custom.conf'\ninclude 'override.conf'\ninclude_if_exists 'restraint.conf'\n");
  assert.equal(ensureIncludes(once), once);
});

/** The braces are part of the rule's own syntax. */
const pods = (name: string) => `host all all \${podselector:${name}} trust`;

test('pg_hba lets our own roles in first and expands groups of pods', () => {
  const text = renderHba({
    major: 17,
    rules: ['host app app all password', pods('web'), pods('none')],
    selectors: { web: ['10.0.0.1', 'fd00::1'] },
    ldap: undefined,
  });
  assert.deepEqual(text.trim().split('\n').slice(5), [
    'host app app all password',
    'host all all 10.0.0.1/32 trust',
    'host all all fd00::1/128 trust',
    'host all all all scram-sha-256',
  ]);
  assert.match(renderHba({ major: 13, rules: [], selectors: {}, ldap: undefined }), /host all all all md5\n$/);
  assert.match(renderIdent('nobody', ['m a b']), /^local nobody postgres\n.*m a b\n$/s);
});
