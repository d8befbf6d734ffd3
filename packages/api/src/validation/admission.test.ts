import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultApiConfig } from '../names/defaults.ts';
import { brief, clusterOf, rawCluster } from '../testing/cluster.ts';
import { guard, validate } from './admission.ts';
import { duplicate, guardMessage, invalid, invalidStatus, missing, notSupported } from './errors.ts';

const config = defaultApiConfig;
const broken = (setting?: string) =>
  clusterOf({
    ...(setting === undefined ? {} : { annotations: { 'cnpg.io/validation': setting } }),
    spec: { instances: 1, storage: {} },
  });

test('the annotation cnpg.io/validation', () => {
  const verdict = (setting?: string) => validate({ kind: 'Cluster', object: broken(setting) }, config);
  assert.deepEqual(brief(verdict().errors), ['Invalid spec.storage.size']);
  assert.deepEqual(verdict('disabled').errors, []);
  assert.equal(verdict('disabled').warnings.length, 1);
  assert.equal(verdict('enabled').errors.length, 1);
  assert.deepEqual(verdict('').warnings, []);
  assert.equal(verdict('no').errors.length, 1);
  assert.match(verdict('no').warnings.join(), /"no"/);
});

test('a ScheduledBackup is validated whatever the annotation, and its controller heeds it', () => {
  const object = {
    metadata: { name: 's', namespace: 'n', annotations: { 'cnpg.io/validation': 'disabled' } },
    spec: { cluster: { name: 'herd' }, schedule: 'never ever' },
  };
  assert.equal(validate({ kind: 'ScheduledBackup', object }, config).errors.length, 1);
  assert.equal(guard({ kind: 'ScheduledBackup', object }, config).errors.length, 0);
});

test('an update is compared with the old object', () => {
  const old = clusterOf({ spec: { instances: 1, storage: { size: '2Gi' } } });
  const object = clusterOf({ spec: { instances: 1, storage: { size: '1Gi' } } });
  assert.deepEqual(validate({ kind: 'Cluster', object }, config).errors, []);
  assert.deepEqual(brief(validate({ kind: 'Cluster', object, old }, config).errors), ['Invalid spec.storage.size']);
});

test('warnings of a pooler are left out when its creation is refused', () => {
  const metadata = { name: 'herd', namespace: 'n' };
  const object = {
    metadata,
    spec: { cluster: { name: 'herd' }, pgbouncer: { authQuery: 'q', serverTLSSecret: { name: 's' } } },
  };
  assert.deepEqual(validate({ kind: 'Pooler', object }, config).warnings, []);
  assert.equal(validate({ kind: 'Pooler', object, old: object }, config).warnings.length, 1);
});

test('the guard of the controllers', () => {
  const first = guard({ kind: 'Cluster', object: rawCluster() }, config);
  assert.deepEqual([first.isChanged, first.errors], [true, []]);
  const again = guard({ kind: 'Cluster', object: first.object }, config);
  assert.equal(again.isChanged, false);
  const errors = guard({ kind: 'Cluster', object: broken() }, config).errors;
  assert.equal(
    guardMessage(errors),
    'the resource failed admission validation on: spec.storage.size (see the operator logs for details)',
  );
  assert.equal(guardMessage([]), 'the resource failed admission validation (see the operator logs for details)');
});

test('the Status of a refusal', () => {
  const errors = [
    invalid('spec.a', 1, 'use 2'),
    missing('spec.b', 'give it'),
    duplicate('spec.c', 'x', 'once'),
    notSupported('spec.d', 'y', ['z', '']),
  ];
  const status = invalidStatus('postgresql.cnpg.io', 'Cluster', 'herd', errors);
  assert.equal(status.code, 422);
  assert.deepEqual(status.details.causes, [
    { reason: 'FieldValueInvalid', message: 'Invalid value: 1: use 2', field: 'spec.a' },
    { reason: 'FieldValueRequired', message: 'Required value: give it', field: 'spec.b' },
    { reason: 'FieldValueDuplicate', message: 'Duplicate value: "x": once', field: 'spec.c' },
    { reason: 'FieldValueNotSupported', message: 'Unsupported value: "y": use one of z, (empty)', field: 'spec.d' },
  ]);
  assert.match(
    status.message,
    /^Cluster\.postgresql\.cnpg\.io "herd" is invalid: \[spec\.a: Invalid value: 1: use 2, /,
  );
});
