/** Objects for tests, with the metadata that stored objects have. */
import type { Node, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';

let sequence = 0;

export function stored<T extends object>(name: string, content: T & { metadata?: ObjectMeta }): Stored<T> {
  sequence += 1;
  const { metadata, ...rest } = content;
  const uid = `00000000-0000-4000-8000-${String(sequence).padStart(12, '0')}`;
  const own = {
    name,
    namespace: 'default',
    uid,
    resourceVersion: String(sequence),
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { ...rest, metadata: { ...own, ...metadata } } as unknown as Stored<T>;
}

export function pod(name: string, spec: Partial<PodSpec> = {}, more: Partial<Pod> = {}): Stored<Pod> {
  return stored<Pod>(name, { ...more, spec: { containers: [{ name: 'c', image: 'x' }], ...spec } });
}

export function node(name: string, zone: string, more: Partial<Node> = {}): Stored<Node> {
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone };
  return stored<Node>(name, {
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
    ...more,
    metadata: { labels, ...more.metadata },
  });
}
