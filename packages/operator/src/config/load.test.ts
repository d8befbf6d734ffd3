import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig, unknownKeys } from './load.ts';

test('defaults, then environment, ConfigMap and Secret', () => {
  assert.equal(loadConfig([]).certificateDuration, 90);
  const config = loadConfig([
    { CERTIFICATE_DURATION: '1', CREATE_ANY_SERVICE: 'true' },
    { CERTIFICATE_DURATION: '2' },
    {},
  ]);
  assert.equal(config.certificateDuration, 2);
  assert.equal(config.createAnyService, true);
  assert.deepEqual(loadConfig([{ WATCH_NAMESPACE: 'a, b' }]).watchNamespaces, ['a', 'b']);
});

test('an unusable value names the setting', () => {
  assert.throws(
    () => loadConfig([{ CREATE_ANY_SERVICE: 'maybe' }]),
    /CREATE_ANY_SERVICE: "maybe": must be true or false/,
  );
});

test('unknown settings come with a suggestion', () => {
  assert.deepEqual(unknownKeys({ CREATE_ANY_SERVICES: 'x', DRAIN_TAINTS: '' }), [
    { key: 'CREATE_ANY_SERVICES', suggestion: 'CREATE_ANY_SERVICE' },
  ]);
});
