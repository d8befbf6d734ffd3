import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../../registry/types.ts';
import { parseRange } from './addresses.ts';
import { createAllocator } from './allocator.ts';

function service(uid: string, spec: object): ApiObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: uid, uid }, spec };
}

function setUp(existing: ApiObject[], serviceCidr = '10.96.0.0/16') {
  return createAllocator({ serviceCidr, services: () => existing, random: () => 0 });
}

const specOf = (object: ApiObject) => object.spec as { clusterIP?: string; ports?: { nodePort?: number }[] };

test('what stored services have is never given out again, also by an allocator that has just been made', () => {
  const stored: ApiObject[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < 20; index++) {
    const next = service(`s${index}`, { type: 'NodePort', ports: [{ port: 1, protocol: 'TCP' }] });
    assert.deepEqual(setUp(stored).allocate(next), []);
    const { clusterIP, ports } = specOf(next);
    for (const what of [clusterIP, `port ${ports?.[0]?.nodePort}`]) {
      assert.equal(seen.has(String(what)), false, String(what));
      seen.add(String(what));
    }
    stored.push(next);
  }
});

test('an address asked for is given when it is free and in range', () => {
  const taken = service('a', { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] });
  const allocator = setUp([taken]);
  assert.deepEqual(allocator.allocate(service('b', { clusterIP: '10.96.0.10' })), []);
  for (const clusterIP of ['10.96.0.9', '192.0.2.1', '10.96.0.0', '10.96.255.255', 'x']) {
    assert.equal(allocator.allocate(service('b', { clusterIP }))[0]?.field, 'spec.clusterIPs', clusterIP);
  }
  assert.deepEqual(allocator.allocate(taken), [], 'a service keeps its own');
});

test('headless services and those of another name get no address', () => {
  const headless = service('h', { clusterIP: 'None' });
  const external = service('e', { type: 'ExternalName', externalName: 'example.com' });
  const allocator = setUp([]);
  assert.deepEqual([allocator.allocate(headless), allocator.allocate(external)], [[], []]);
  assert.equal(specOf(headless).clusterIP, 'None');
  assert.equal(specOf(external).clusterIP, undefined);
});

test('a full range is told', () => {
  const stored = [1, 2, 3, 4, 5, 6].map((n) =>
    service(`s${n}`, { clusterIP: `10.0.0.${n}`, clusterIPs: [`10.0.0.${n}`] }),
  );
  const [error] = setUp(stored, '10.0.0.0/29').allocate(service('x', {}));
  assert.match(error?.message ?? '', /range is full/);
  assert.throws(() => parseRange('10.0.0.0'), /write e\.g\. 10\.96\.0\.0\/16/);
});
