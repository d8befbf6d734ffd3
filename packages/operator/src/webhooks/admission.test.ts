import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionRequest, KubernetesObject } from '@matriarch/kubernetes';
import { applyJsonPatch, type JsonPatchOperation } from '../cluster/builders/jsonpatch.ts';
import { loadConfig } from '../config/load.ts';
import { admissionHandlers } from './admission.ts';
import { jsonDiff } from './jsondiff.ts';

const handlers = admissionHandlers(loadConfig([]));

function ask(path: string, object: object) {
  const request: AdmissionRequest = {
    uid: 'u',
    operation: 'CREATE',
    namespace: 'demo',
    object: object as KubernetesObject,
  };
  const handler = handlers[path];
  assert.ok(handler, path);
  return handler(request);
}

const cluster = (spec: object) => ({
  metadata: { name: 'prod' },
  spec: { instances: 1, storage: { size: '1Gi' }, ...spec },
});

test('defaults come as a patch that leads to the defaulted object', () => {
  const object = { ...cluster({}), metadata: { name: 'prod', namespace: 'demo' } };
  const { allowed, patch } = ask('/mutate-postgresql-cnpg-io-v1-cluster', object);
  assert.ok(allowed && patch);
  const defaulted = applyJsonPatch(object, patch as JsonPatchOperation[]) as {
    spec: { bootstrap?: { initdb?: object } };
  };
  assert.deepEqual(defaulted.spec.bootstrap?.initdb, {
    database: 'app',
    owner: 'app',
    encoding: 'UTF8',
    localeCollate: 'C',
    localeCType: 'C',
  });
});

test('a bad cluster is refused with the path of the field', () => {
  const { allowed, status } = ask('/validate-postgresql-cnpg-io-v1-cluster', cluster({ storage: { size: 'much' } }));
  assert.equal(allowed, false);
  assert.equal(status?.code, 422);
  assert.match(status?.message ?? '', /spec\.storage\.size/);
});

test('differences of JSON values', () => {
  assert.deepEqual(jsonDiff({ a: 1, 'b/c': [1] }, { 'b/c': [2], d: {} }), [
    { op: 'remove', path: '/a' },
    { op: 'replace', path: '/b~1c', value: [2] },
    { op: 'add', path: '/d', value: {} },
  ]);
});
