import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Deployment, DeploymentSpec, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { stored } from '../testing/objects.ts';
import { boundsOf, deploymentStatus, nextScales, templateHash } from './deployment-decide.ts';

function deployment(spec: Partial<DeploymentSpec>): Stored<Deployment> {
  return stored<Deployment>('d', { spec: { selector: {}, template: {}, replicas: 3, ...spec } });
}

function set(replicas: number, available: number): Stored<ReplicaSet> {
  const status = { replicas, availableReplicas: available, readyReplicas: available };
  return stored<ReplicaSet>('s', { spec: { selector: {}, replicas }, status });
}

test('the hash does not depend on the order of keys', () => {
  const one = templateHash({ metadata: { labels: { a: '1', b: '2' } } }, 0);
  assert.equal(one, templateHash({ metadata: { labels: { b: '2', a: '1', 'pod-template-hash': 'x' } } }, 0));
  assert.notEqual(one, templateHash({ metadata: { labels: { a: '1', b: '2' } } }, 1));
});

test('a rolling update never goes beyond its bounds and always arrives', () => {
  const share = fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 0, max: 100 }).map((n) => `${n}%`),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      share,
      share,
      fc.infiniteStream(fc.boolean()),
      (replicas, maxSurge, maxUnavailable, luck) => {
        const target = deployment({
          replicas,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
        });
        const { surge, unavailable } = boundsOf(target);
        const sizes = { old: { wanted: replicas, available: replicas }, new: { wanted: 0, available: 0 } };
        for (let step = 0; step < 500; step++) {
          const [old, fresh] = [set(sizes.old.wanted, sizes.old.available), set(sizes.new.wanted, sizes.new.available)];
          for (const { set: changed, replicas: size } of nextScales(target, fresh, [old], 0)) {
            const side = changed === fresh ? sizes.new : sizes.old;
            side.wanted = size;
            side.available = Math.min(side.available, size);
          }
          assert.ok(sizes.old.wanted + sizes.new.wanted <= replicas + surge, 'too many pods');
          assert.ok(sizes.old.available + sizes.new.available >= replicas - unavailable, 'too few available pods');
          if (sizes.new.available < sizes.new.wanted && luck.next().value) sizes.new.available += 1;
        }
        sizes.new.available = sizes.new.wanted;
        for (let step = 0; step < 100; step++) {
          const [old, fresh] = [set(sizes.old.wanted, sizes.old.available), set(sizes.new.wanted, sizes.new.wanted)];
          for (const { set: changed, replicas: size } of nextScales(target, fresh, [old], 0)) {
            const side = changed === fresh ? sizes.new : sizes.old;
            side.wanted = size;
            side.available = size;
          }
        }
        assert.deepEqual([sizes.old.wanted, sizes.new.wanted], [0, replicas]);
      },
    ),
    { numRuns: 100 },
  );
});

test('Recreate makes nothing new while an old pod is there', () => {
  const target = deployment({ strategy: { type: 'Recreate' } });
  const [old, fresh] = [set(3, 3), set(0, 0)];
  assert.deepEqual(nextScales(target, fresh, [old], 3), [{ set: old, replicas: 0 }]);
  assert.deepEqual(nextScales(target, fresh, [set(0, 0)], 1), []);
  assert.deepEqual(nextScales(target, fresh, [set(0, 0)], 0), [{ set: fresh, replicas: 3 }]);
});

test('the status says when the rollout is complete', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const complete = deploymentStatus({ deployment: deployment({}), newest: set(3, 3), old: [], now });
  assert.equal(complete.conditions?.find(({ type }) => type === 'Progressing')?.reason, 'NewReplicaSetAvailable');
  const begun = deploymentStatus({ deployment: deployment({}), newest: set(3, 0), old: [], now });
  assert.equal(begun.unavailableReplicas, 3);
  assert.equal(begun.conditions?.find(({ type }) => type === 'Available')?.status, 'False');
});
