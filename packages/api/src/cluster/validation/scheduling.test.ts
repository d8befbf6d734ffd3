import { ruleTest } from '../../testing/cluster.ts';
import type { AffinityConfiguration } from '../schema/scheduling.ts';
import { antiAffinityType, tolerations } from './scheduling.ts';

ruleTest(antiAffinityType, [
  [{}],
  [{ spec: { affinity: { podAntiAffinityType: 'required' } } }],
  [{ spec: { affinity: { podAntiAffinityType: 'soft' } } }, 'Invalid spec.affinity.podAntiAffinityType'],
]);

const tolerate = (toleration: NonNullable<AffinityConfiguration['tolerations']>[number]) => ({
  spec: { affinity: { tolerations: [toleration] } },
});
const path = 'spec.affinity.toleration[0]';

ruleTest(tolerations, [
  [tolerate({ operator: 'Exists' })],
  [tolerate({ key: 'example.com/a', value: 'b', effect: 'NoExecute', tolerationSeconds: 5 })],
  [tolerate({ key: 'a b' }), `Invalid ${path}.key`],
  [tolerate({}), `Invalid ${path}.operator`],
  [tolerate({ key: 'a', tolerationSeconds: 5, effect: 'NoSchedule' }), `Invalid ${path}.effect`],
  [tolerate({ key: 'a', value: 'b c' }), `Invalid ${path}.value`],
  [tolerate({ key: 'a', operator: 'Exists', value: 'b' }), `Invalid ${path}.value`],
  [tolerate({ key: 'a', operator: 'Like' }), `NotSupported ${path}.operator`],
  [tolerate({ key: 'a', effect: 'Never' }), `NotSupported ${path}.effect`],
]);
