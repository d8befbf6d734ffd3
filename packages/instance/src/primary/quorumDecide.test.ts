import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideQuorum, type QuorumView, withdrawnQuorum } from './quorumDecide.ts';

const running = { method: 'ANY', number: 1, standbyNames: ['c-2', 'c-3', 'c-1'] } as const;
const status = { method: 'ANY', primary: 'c-1', standbyNames: ['c-2', 'c-3', 'c-1'], standbyNumber: 1 };
const at = (two: string | null, three: string | null) => [
  { name: 'c-2', flushLsn: two },
  { name: 'c-3', flushLsn: three },
];

const view: QuorumView = {
  podName: 'c-1',
  running,
  published: withdrawnQuorum,
  barrier: { lsn: 0x100n },
  position: 0x200n,
  standbys: at('0/100', '0/90'),
};

test('every state on the way to what is published', () => {
  const wait = (barrier: QuorumView['barrier']) => ({ kind: 'wait', barrier }) as const;
  const publish = { kind: 'publish', status } as const;
  const two = { ...running, number: 2 };
  const cases: [string, Partial<QuorumView>, object][] = [
    ['asynchronous', { running: undefined }, { kind: 'publish', status: withdrawnQuorum }],
    ['just loaded', { barrier: 'none' }, wait('settling')],
    ['settled, the standbys are behind', { barrier: 'settling' }, wait({ lsn: 0x200n })],
    ['settled, one is there', { barrier: 'settling', standbys: at('0/200', null) }, publish],
    ['one is there', {}, publish],
    ['two are needed', { running: two }, wait({ lsn: 0x100n })],
    [
      'two are there',
      { running: two, standbys: at('0/100', '0/110') },
      { kind: 'publish', status: { ...status, standbyNumber: 2 } },
    ],
    ['one that does not count is there', { standbys: [{ name: 'x', flushLsn: '0/900' }] }, wait({ lsn: 0x100n })],
    [
      'another order',
      { published: { ...status, standbyNames: ['c-1', 'c-3', 'c-2'] }, barrier: 'none', standbys: [] },
      publish,
    ],
    ['another number', { published: { ...status, standbyNumber: 2 }, barrier: 'none' }, wait('settling')],
    ['of another primary', { published: { ...status, primary: 'c-2' }, barrier: 'none' }, wait('settling')],
    ['nothing known', { published: undefined, barrier: 'none' }, wait('settling')],
  ];
  for (const [name, change, expected] of cases) assert.deepEqual(decideQuorum({ ...view, ...change }), expected, name);
});
