import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutTable, networkParty, podParty, serverParty } from './cut-rules.ts';

const one = podParty('c-1', 0x99_00_01, '127.20.128.2');
const two = podParty('c-2', 0x99_00_02, '127.20.130.2');
const api = serverParty('API server', '127.0.0.1', 6443);

test('packets of both ends mark a connection, and one that belongs to both is dropped', () => {
  const text = cutTable('t', 7, [{ left: one, right: two, lost: 'both' }]);
  assert.equal(
    text,
    `table inet t {
  chain output {
    type filter hook output priority 0; policy accept;
    oifname != "lo" accept
    ct mark & 0xffff0000 != 0x70000 ct mark set 0x70000
    meta cgroup 10027009 ct mark set ct mark | 0x1
    ip daddr 127.20.128.2 ct mark set ct mark | 0x1
    ip saddr 127.20.128.2 ct mark set ct mark | 0x1
    meta cgroup 10027010 ct mark set ct mark | 0x2
    ip daddr 127.20.130.2 ct mark set ct mark | 0x2
    ip saddr 127.20.130.2 ct mark set ct mark | 0x2
    ct mark & 0x3 == 0x3 drop
  }
}
`,
  );
});

test('in one direction only what the left one sends is dropped', () => {
  const text = cutTable('t', 1, [{ left: one, right: api, lost: 'sent by left' }]);
  assert.match(text, /ct mark & 0x3 == 0x3 meta cgroup 10027009 drop/);
  assert.match(text, /ip daddr 127\.0\.0\.1 tcp dport 6443 ct mark set ct mark \| 0x2/);
});

test('a party of several cuts has one mark', () => {
  const services = networkParty('Services', '127.20.0.0/17');
  const text = cutTable('t', 0x1_00_02, [
    { left: one, right: two, lost: 'both' },
    { left: one, right: services, lost: 'both' },
  ]);
  assert.equal(text.match(/meta cgroup 10027009/g)?.length, 1);
  assert.match(text, /ct mark & 0x5 == 0x5 drop/);
  assert.match(text, /ct mark set 0x20000/, 'the number of a cut has sixteen bits');
});

test('more parties than marks have room for are refused', () => {
  const cuts = Array.from({ length: 16 }, (_, index) => ({
    left: one,
    right: podParty(`p-${index}`, index, ''),
    lost: 'both' as const,
  }));
  assert.throws(() => cutTable('t', 1, cuts), /17 parties/);
});
