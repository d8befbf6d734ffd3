import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import type { Model } from '../../testing/model.ts';
import { healthyModel, settle } from '../../testing/world.ts';

/** The budgets as `name role minAvailable`. */
const budgets = (model: Model) =>
  model.list<PodDisruptionBudget>('podDisruptionBudgets').map(({ metadata, spec }) => {
    const role = spec?.selector?.matchLabels?.['cnpg.io/instanceRole'];
    return `${metadata?.name} ${role} ${spec?.minAvailable}`;
  });

const primary = 'prod-primary primary 1';

test('which budgets there are, for every number of instances and kind of maintenance', () => {
  const cases: [spec: Partial<Cluster['spec']>, expected: string[]][] = [
    [{ instances: 1 }, [primary]],
    [{ instances: 2 }, [primary]],
    [{ instances: 3 }, ['prod replica 1', primary]],
    [{ instances: 5 }, ['prod replica 3', primary]],
    [{ instances: 3, enablePDB: false }, []],
    [{ instances: 1, nodeMaintenanceWindow: { inProgress: true } }, []],
    [{ instances: 1, nodeMaintenanceWindow: { inProgress: true, reusePVC: false } }, [primary]],
    [{ instances: 3, nodeMaintenanceWindow: { inProgress: true } }, [primary]],
    [{ instances: 3, nodeMaintenanceWindow: { inProgress: true, reusePVC: false } }, ['prod replica 1', primary]],
    [{ instances: 3, nodeMaintenanceWindow: { inProgress: false } }, ['prod replica 1', primary]],
  ];
  for (const [spec, expected] of cases) {
    assert.deepEqual(budgets(healthyModel(spec)), expected, JSON.stringify(spec));
  }
});

test('they follow the cluster, and each change is told', () => {
  const model = healthyModel({ instances: 3 });
  model.events.length = 0;
  model.cluster.spec.instances = 4;
  settle(model);
  model.cluster.spec.instances = 2;
  settle(model);
  model.cluster.spec.enablePDB = false;
  settle(model);
  assert.deepEqual(
    model.events.filter((text) => text.includes('isruptionBudget')),
    [
      'UpdatingPodDisruptionBudget: Updating PodDisruptionBudget prod',
      'DeletingPodDisruptionBudget: Deleting Pod Disruption Budget prod',
      'DeletingPodDisruptionBudget: Deleting Pod Disruption Budget prod-primary',
    ],
  );
});
