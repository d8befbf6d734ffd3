import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultApiConfig } from '../../names/defaults.ts';
import { brief, clusterOf, ruleTest } from '../../testing/cluster.ts';
import { clusterName, failoverQuorumAnnotation, hibernationAnnotation, livenessPingerAnnotation } from './metadata.ts';
import { podPatch } from './podPatch.ts';

ruleTest(clusterName, [
  [{ name: 'a' }],
  [{ name: 'a'.repeat(50) }],
  [{ name: 'a'.repeat(51) }, 'Invalid metadata.name'],
  [{ name: '1a' }, 'Invalid metadata.name'],
  [{ name: 'a-' }, 'Invalid metadata.name'],
  [{ name: 'a.b' }, 'Invalid metadata.name'],
]);

ruleTest(hibernationAnnotation, [
  [{}],
  [{ annotations: { 'cnpg.io/hibernation': 'on' } }],
  [{ annotations: { 'cnpg.io/hibernation': 'off' } }],
  [{ annotations: { 'cnpg.io/hibernation': 'true' } }, 'Invalid metadata.annotations.cnpg.io/hibernation'],
]);

const pinger = 'alpha.cnpg.io/livenessPinger';
ruleTest(livenessPingerAnnotation, [
  [{ annotations: { [pinger]: '{"enabled":false}' } }],
  [{ annotations: { [pinger]: '{"requestTimeout":5}' } }, `Invalid metadata.annotations.${pinger}`],
  [{ annotations: { [pinger]: 'yes' } }, `Invalid metadata.annotations.${pinger}`],
]);

const quorum = 'alpha.cnpg.io/failoverQuorum';
ruleTest(failoverQuorumAnnotation, [
  [{ annotations: { [quorum]: 'F' } }],
  [{ annotations: { [quorum]: 't' } }, 'Required spec.postgresql.synchronous'],
  [{ annotations: { [quorum]: 'yes' } }, `Invalid metadata.annotations.${quorum}`],
  [{ annotations: { [quorum]: 'true' }, spec: { postgresql: { synchronous: { method: 'any', number: 1 } } } }],
]);

test('rule podPatch', () => {
  const pod = { metadata: {}, spec: { containers: [{ name: 'postgres' }] } };
  const errorsOf = (patch: string) => {
    const cluster = clusterOf({ annotations: { 'cnpg.io/podPatch': patch } });
    return brief(podPatch({ cluster, spec: cluster.spec, config: defaultApiConfig, buildPod: () => pod }));
  };
  const wrong = ['Invalid metadata.annotations.cnpg.io/podPatch'];
  assert.deepEqual(errorsOf('[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]'), []);
  assert.deepEqual(errorsOf('[{"op":"remove","path":"/spec/volumes"}]'), wrong);
  assert.deepEqual(errorsOf('[{"op":"replace","path":"/spec/containers","value":1}]'), wrong);
  assert.deepEqual(errorsOf('{"op":"add"}'), wrong);
  assert.deepEqual(errorsOf('no json'), wrong);
  assert.deepEqual(pod, { metadata: {}, spec: { containers: [{ name: 'postgres' }] } });
});
