import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cidrOf, createAddressPool, nodeAddress, nodeRange } from './addresses.ts';

const cidrs = (count: number, services: string) =>
  Array.from({ length: count }, (_, index) => cidrOf(nodeRange(index, count, services)));

test('nodes take the upper half of the /16 of the Services', () => {
  assert.deepEqual(cidrs(3, '127.20.0.0/17'), ['127.20.128.0/23', '127.20.130.0/23', '127.20.132.0/23']);
  assert.equal(nodeAddress(nodeRange(0, 3, '127.20.0.0/17')), '127.20.128.1');
  assert.equal(cidrs(50, '127.20.0.0/17').at(-1), '127.20.226.0/23');
});

test('the range of a node stays when nodes come, and the end of the /16 is never given out', () => {
  assert.deepEqual(nodeRange(2, 3, '127.20.0.0/17'), nodeRange(2, 50, '127.20.0.0/17'));
  assert.equal(cidrs(63, '127.20.0.0/17').at(-1), '127.20.252.0/23');
  assert.equal(cidrs(127, '127.20.0.0/17').at(-1), '127.20.254.0/24');
  assert.throws(() => nodeRange(0, 128, '127.20.0.0/17'), /^RangeError: 128 nodes: there are addresses for 127;/);
});

test('Services that need a whole /16, or are elsewhere, leave another one to the nodes', () => {
  assert.deepEqual(cidrs(1, '127.96.0.0/16'), ['127.97.128.0/23']);
  assert.deepEqual(cidrs(1, '127.255.0.0/16'), ['127.254.128.0/23']);
  assert.deepEqual(cidrs(1, '127.64.0.0/12'), ['127.80.128.0/23']);
  assert.deepEqual(cidrs(1, '127.20.128.0/17'), ['127.21.128.0/23']);
  assert.deepEqual(cidrs(1, '10.96.0.0/16'), ['127.96.128.0/23']);
});

test('a pool gives each address once, never that of the node, and takes back what is released', () => {
  const range = nodeRange(1, 3, '127.20.0.0/17');
  const pool = createAddressPool(range, 'seed');
  const given = new Set(Array.from({ length: 507 }, () => pool.allocate()));
  assert.equal(given.size, 507);
  for (const ip of given) assert.match(ip, /^127\.20\.13[01]\.\d+$/);
  for (const ip of ['127.20.130.0', '127.20.130.1', '127.20.130.255', '127.20.131.0'])
    assert.equal(given.has(ip), false);
  assert.throws(() => pool.allocate(), /no free pod address in 127\.20\.130\.0\/23: delete some pods/);
  pool.release('127.20.131.9');
  assert.equal(pool.allocate(), '127.20.131.9');
});

test('a former address is not given to another pod, and only those of the node are its own', () => {
  const pool = createAddressPool(nodeRange(0, 3, '127.20.0.0/17'), 'seed');
  assert.equal(pool.contains('127.20.128.7'), true);
  for (const ip of ['127.16.0.7', '127.20.130.7', '127.20.128.1']) assert.equal(pool.contains(ip), false, ip);
  pool.reserve('127.20.128.7');
  const given = Array.from({ length: 506 }, () => pool.allocate());
  assert.equal(given.includes('127.20.128.7'), false);
  assert.throws(() => pool.allocate());
});
