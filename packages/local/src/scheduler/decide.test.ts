import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { node, pod, stored } from '../testing/objects.ts';
import { decide } from './decide.ts';
import type { NodeView, Snapshot } from './snapshot.ts';

function snapshot(
  nodes: readonly { node: NodeView['node']; pods?: readonly Stored<Pod>[] }[],
  claims: Snapshot['claims'] = new Map(),
): Snapshot {
  return {
    nodes: nodes.map(({ node: each, pods = [] }) => ({ node: each, labels: each.metadata.labels ?? {}, pods })),
    namespaces: new Map(),
    claims,
  };
}

const [a, b, c] = [node('a', 'z1'), node('b', 'z2'), node('c', 'z3')];

function chosen(spec: Partial<PodSpec>, view: Snapshot, labels: Record<string, string> = {}): string {
  const decision = decide(pod('new', spec, { metadata: { labels } }), view);
  return decision.kind === 'node' ? decision.node : decision.message;
}

test('pods spread evenly', () => {
  const one = pod('one');
  assert.equal(chosen({}, snapshot([{ node: a, pods: [one] }, { node: b }, { node: c }])), 'b');
});

test('a node selector, a cordon and a taint leave nodes out, and the message counts why', () => {
  const cordoned = node('a', 'z1', { spec: { unschedulable: true } });
  const tainted = node('b', 'z2', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } });
  const view = snapshot([{ node: cordoned }, { node: tainted }, { node: c }]);
  assert.equal(chosen({}, view), 'c');
  assert.equal(
    chosen({ nodeSelector: { no: 'such' } }, view),
    "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {k: v}, " +
      '1 node(s) were unschedulable. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  );
  const tolerations = [{ key: 'k', operator: 'Equal' as const, value: 'v', effect: 'NoSchedule' as const }];
  assert.equal(chosen({ tolerations, nodeSelector: { 'kubernetes.io/hostname': 'b' } }, view), 'b');
});

test('required anti-affinity keeps instances apart, preferred only where there is room', () => {
  const labels = { app: 'db' };
  const other = pod('one', {}, { metadata: { labels } });
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } };
  const required = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const preferred = {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
  };
  const full = snapshot([{ node: a, pods: [other] }]);
  assert.match(chosen({ affinity: required }, full), /didn't match pod anti-affinity rules/);
  assert.equal(chosen({ affinity: preferred }, full), 'a');
  assert.equal(
    chosen(
      { affinity: required },
      snapshot([
        { node: a, pods: [other] },
        { node: b, pods: [pod('x'), pod('y')] },
      ]),
    ),
    'b',
  );
});

test('a pod already there may refuse others', () => {
  const term = { topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: { app: 'noisy' } } };
  const hermit = pod('h', {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  });
  const view = snapshot([
    { node: a, pods: [hermit] },
    { node: b, pods: [pod('x')] },
  ]);
  assert.equal(chosen({}, view, { app: 'noisy' }), 'b');
  assert.equal(chosen({ nodeSelector: { 'kubernetes.io/hostname': 'a' } }, view, { app: 'quiet' }), 'a');
});

test('spread constraints bound the skew', () => {
  const labels = { app: 'db' };
  const constraint = {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'DoNotSchedule' as const,
    labelSelector: { matchLabels: labels },
  };
  const member = () => pod('m', {}, { metadata: { labels } });
  const view = snapshot([
    { node: a, pods: [member()] },
    { node: b, pods: [pod('x'), pod('y')] },
  ]);
  assert.equal(chosen({ topologySpreadConstraints: [constraint] }, view, labels), 'b');
});

test('requests are counted against what the node has', () => {
  const big = { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '3', memory: '1Gi' } } }] };
  const view = snapshot([{ node: a, pods: [pod('one', big)] }]);
  assert.match(chosen(big, view), /1 Insufficient cpu/);
  assert.equal(
    chosen({ containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '500m' } } }] }, view),
    'a',
  );
});

test('a bound volume decides the zone; an unbound one waits or not, as its class says', () => {
  const terms = [
    { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In' as const, values: ['z2'] }] },
  ];
  const volume = stored<PersistentVolume>('v', { spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } } });
  const claim = stored<PersistentVolumeClaim>('d', { spec: {} });
  const storageClass = (volumeBindingMode: string) =>
    stored<StorageClass>('s', { provisioner: 'p', volumeBindingMode });
  const nodes = [{ node: a }, { node: b, pods: [pod('x')] }];
  const view = (found: Parameters<Snapshot['claims']['get']>[0] extends string ? object : never) =>
    snapshot(nodes, new Map([['d', found]]) as unknown as Snapshot['claims']);
  assert.equal(chosen({}, view({ claim, volume, storageClass: undefined })), 'b');
  assert.equal(chosen({}, view({ claim, volume: undefined, storageClass: storageClass('WaitForFirstConsumer') })), 'a');
  assert.match(
    chosen({}, view({ claim, volume: undefined, storageClass: storageClass('Immediate') })),
    /unbound immediate/,
  );
  assert.match(chosen({}, snapshot(nodes, new Map([['d', undefined]]))), /persistentvolumeclaim "d" not found/);
});
