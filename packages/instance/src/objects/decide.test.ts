import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideObject, type ObjectView } from './decide.ts';

const object: ObjectView = {
  cluster: 'prod',
  deleting: false,
  generation: 2,
  observedGeneration: 1,
  applied: true,
  hasFinalizer: true,
  reclaim: 'retain',
  rival: undefined,
  stale: false,
};
const primary = { cluster: 'prod', acting: true, replicaCluster: false };

test('what is done with an object, case by case', () => {
  const cases: [Partial<ObjectView>, Partial<typeof primary>, string][] = [
    [{}, {}, 'apply'],
    [{ hasFinalizer: false }, {}, 'addFinalizer'],
    [{ cluster: 'other' }, {}, 'ignore'],
    [{}, { acting: false }, 'wait'],
    [{ observedGeneration: 2 }, {}, 'ignore'],
    [{ observedGeneration: 2, stale: true }, {}, 'apply'],
    [{ observedGeneration: 2, applied: false }, {}, 'apply'],
    [{ rival: 'x' }, {}, 'reject'],
    [{}, { replicaCluster: true }, 'awaitPrimaryCluster'],
    [{ deleting: true, hasFinalizer: false }, {}, 'ignore'],
  ];
  for (const [change, side, kind] of cases) {
    assert.equal(
      decideObject({ ...object, ...change }, { ...primary, ...side }).kind,
      kind,
      JSON.stringify([change, side]),
    );
  }
});

test('a deletion drops only what was made and is to be reclaimed', () => {
  const drop = (change: Partial<ObjectView>, replicaCluster = false) => {
    const step = decideObject({ ...object, deleting: true, ...change }, { ...primary, replicaCluster });
    return step.kind === 'release' && step.drop;
  };
  assert.equal(drop({}), false);
  assert.equal(drop({ reclaim: 'delete' }), true);
  assert.equal(drop({ reclaim: 'delete', observedGeneration: 0 }), false);
  assert.equal(drop({ reclaim: 'delete' }, true), false);
});
