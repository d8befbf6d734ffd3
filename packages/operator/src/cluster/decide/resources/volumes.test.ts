import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Snapshot } from '../../snapshot.ts';
import type { Model } from '../../testing/model.ts';
import { healthyModel, killPrimary } from '../../testing/world.ts';
import { decide } from '../index.ts';

const storage = { storage: { size: '1Gi' }, walStorage: { size: '1Gi' } };

/** What the pass does to claims once the spec asks for more. */
function grown(model: Model, change: (snapshot: Snapshot) => Snapshot = (snapshot) => snapshot): string[] {
  const spec: Cluster['spec'] = { ...model.cluster.spec, storage: { size: '2Gi' }, walStorage: { size: '3Gi' } };
  model.cluster = { ...model.cluster, spec };
  return decide(change(model.snapshot())).actions.flatMap((action) =>
    action.kind === 'patch' && action.resource === 'persistentVolumeClaims'
      ? [`${action.name} ${JSON.stringify(action.body)}`]
      : [],
  );
}

const spec = (size: string) => JSON.stringify({ spec: { resources: { requests: { storage: size } } } });
const expected = ['prod-1', 'prod-2', 'prod-3'].flatMap((name) => [
  `${name} ${spec('2Gi')}`,
  `${name}-wal ${spec('3Gi')}`,
]);

function setPods(model: Model, change: (pod: Pod) => Pod): void {
  for (const pod of model.list<Pod>('pods')) model.put('pods', change(pod));
}

/** Every way in which a cluster can be unwell that ends a pass early. */
const states: readonly (readonly [string, (model: Model) => void, ((snapshot: Snapshot) => Snapshot)?])[] = [
  ['healthy', () => {}],
  ['the primary is dead', (model) => void killPrimary(model)],
  [
    'a volume is full',
    (model) =>
      setPods(model, (pod) => ({
        ...pod,
        status: {
          ...pod.status,
          conditions: [{ type: 'Ready', status: 'False' }],
          containerStatuses: [
            {
              name: 'postgres',
              ready: false,
              restartCount: 1,
              image: '',
              imageID: '',
              lastState: { terminated: { exitCode: 4 } },
            },
          ],
        },
      })),
  ],
  [
    'no instance answers',
    () => {},
    (snapshot) => ({
      ...snapshot,
      observations: new Map(
        snapshot.pods.map((pod) => [pod.metadata?.name ?? '', { kind: 'unreachable', error: 'silence' }]),
      ),
    }),
  ],
  [
    'no pod is left',
    (model) => {
      for (const pod of model.list('pods')) model.objects.delete(`pods/${pod.metadata?.name}`);
    },
  ],
  ['no pod is ready', (model) => setPods(model, (pod) => ({ ...pod, status: { phase: 'Pending' } }))],
  [
    'a switchover is under way',
    (model) => {
      model.cluster = { ...model.cluster, status: { ...model.cluster.status, targetPrimary: 'prod-2' } };
    },
  ],
  [
    'hibernated',
    (model) => {
      const annotations = { 'cnpg.io/hibernation': 'on' };
      model.cluster = { ...model.cluster, metadata: { ...model.cluster.metadata, annotations } };
    },
  ],
  [
    'the image cannot be found',
    (model) => {
      const imageCatalogRef = {
        apiGroup: 'postgresql.cnpg.io',
        kind: 'ImageCatalog',
        name: 'none',
        major: 17,
      } as const;
      model.cluster = { ...model.cluster, spec: { ...model.cluster.spec, imageCatalogRef } };
    },
  ],
];

for (const [state, bring, change] of states) {
  test(`claims grow with the spec: ${state}`, () => {
    const model = healthyModel(storage);
    bring(model);
    assert.deepEqual(grown(model, change), expected);
  });
}

test('claims never shrink, and do not grow where that is switched off', () => {
  const model = healthyModel({ storage: { size: '4Gi' }, walStorage: { size: '1Gi', resizeInUseVolumes: false } });
  const walStorage = { size: '3Gi', resizeInUseVolumes: false };
  model.cluster = { ...model.cluster, spec: { ...model.cluster.spec, storage: { size: '2Gi' }, walStorage } };
  assert.deepEqual(decide(model.snapshot()).actions, []);
});
