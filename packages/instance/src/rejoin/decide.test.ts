import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideRejoin, type RejoinPlan, type RejoinView } from './decide.ts';

const gib = 1024 ** 3;
const diverged = { kind: 'diverged', reason: 'it wrote WAL', descends: true } as const;
const tool = { kind: 'usable', program: '/usr/bin/pg_rewind' } as const;

const view: RejoinView = {
  podName: 'c-1',
  primary: 'c-2',
  divergence: diverged,
  cutOff: false,
  tool,
  space: { free: 10 * gib, own: gib, copy: gib, tablespaces: false },
  rehearsal: undefined,
  rewindFailure: undefined,
};

const possible = { kind: 'possible', bytes: 100 } as const;
const full = { free: gib, own: gib, copy: 1.5 * gib, tablespaces: false };
const fuller = { free: 100, own: gib, copy: 1.5 * gib, tablespaces: false };

test('every way back, and what is said of it', () => {
  const cases: [string, Partial<RejoinView>, string, RegExp][] = [
    ['nothing to undo', { divergence: { kind: 'none' } }, 'follow', /nothing that c-2 never got/],
    ['diverged', {}, 'rehearse', /^$/],
    ['rehearsed', { rehearsal: possible }, 'rewind', /rewound to where c-2 took over \(1 MiB\): it wrote WAL/],
    ['no pg_rewind', { tool: { kind: 'missing' } }, 'copy', /it wrote WAL; there is no pg_rewind/],
    [
      'another version',
      { tool: { kind: 'other version', program: '/b/pg_rewind', found: 15, wanted: 17 } },
      'copy',
      /\/b\/pg_rewind is of version 15, and the data of version 17/,
    ],
    ['WAL is gone', { rehearsal: { kind: 'impossible', reason: 'no WAL' } }, 'copy', /cannot do it: no WAL/],
    ['no common timeline', { divergence: { ...diverged, descends: false } }, 'copy', /needs a common timeline/],
    ['it failed', { rehearsal: possible, rewindFailure: 'cut', cutOff: true }, 'copy', /pg_rewind failed: cut/],
    ['an earlier crash', { cutOff: true }, 'copy', /an earlier rejoin was cut off/],
    ['an earlier crash, no more WAL', { cutOff: true, divergence: { kind: 'none' } }, 'copy', /cut off/],
    ['no room to rewind', { space: fuller, rehearsal: possible }, 'blocked', /there is no room: .* 1536 MiB/],
    ['no room for both', { tool: { kind: 'missing' }, space: full }, 'copy', /the old data goes first/],
    ['no room at all', { tool: { kind: 'missing' }, space: fuller }, 'blocked', /raise spec.storage.size/],
    ['tablespaces elsewhere', { tool: { kind: 'missing' }, space: { ...fuller, tablespaces: true } }, 'copy', /first/],
    [
      'not safe to remove',
      { divergence: { ...diverged, descends: false }, space: full },
      'blocked',
      /Nothing is removed.*delete the pod and the PVCs of c-1/,
    ],
  ];
  for (const [name, change, kind, message] of cases) {
    const plan = decideRejoin({ ...view, ...change });
    assert.equal(plan.kind, kind, name);
    assert.match('message' in plan ? plan.message : '', message, name);
  }
});

const bytes = fc.integer({ min: 0, max: 4 * gib });
const anyView = fc.record({
  podName: fc.constant('c-1'),
  primary: fc.constant('c-2'),
  divergence: fc.oneof(
    fc.constant({ kind: 'none' } as const),
    fc.record({ kind: fc.constant('diverged' as const), reason: fc.constant('r'), descends: fc.boolean() }),
  ),
  cutOff: fc.boolean(),
  tool: fc.constantFrom(tool, { kind: 'missing' } as const),
  space: fc.record({ free: bytes, own: bytes, copy: bytes, tablespaces: fc.boolean() }),
  rehearsal: fc.constant(undefined),
  rewindFailure: fc.constant(undefined),
});

test('it ends, and never removes whole data for a primary that does not descend from it', () => {
  fc.assert(
    fc.property(anyView, fc.boolean(), bytes, (start, rehearsalWorks, fetched) => {
      let now: RejoinView = start;
      const seen: RejoinPlan['kind'][] = [];
      for (;;) {
        const plan = decideRejoin(now);
        assert.ok(!seen.includes(plan.kind), `${plan.kind} twice`);
        seen.push(plan.kind);
        if (plan.kind === 'rehearse') {
          const bad = { kind: 'impossible', reason: 'no' } as const;
          now = { ...now, rehearsal: rehearsalWorks ? { kind: 'possible', bytes: fetched } : bad };
        } else if (plan.kind === 'rewind') {
          assert.ok(now.space.free >= fetched);
          now = { ...now, rewindFailure: 'it broke', cutOff: true };
        } else {
          if (plan.kind === 'copy' && plan.order === 'old data first' && !now.cutOff) {
            assert.ok(now.divergence.kind === 'diverged' && now.divergence.descends);
          }
          if (plan.kind === 'follow') assert.ok(!now.cutOff && now.divergence.kind === 'none');
          return;
        }
      }
    }),
  );
});
