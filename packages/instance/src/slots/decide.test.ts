import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  leftoverLogicalSlots,
  planPrimarySlots,
  planStandbySlots,
  type StandbySlotsInput,
  slotPattern,
} from './decide.ts';

test('a primary makes missing slots and drops those of instances that are gone, unless they are in use', () => {
  const existing = [
    { name: '_cnpg_p_2', active: true },
    { name: '_cnpg_p_7', active: false },
    { name: '_cnpg_p_8', active: true },
    { name: 'mine', active: false },
  ];
  assert.deepEqual(planPrimarySlots(['_cnpg_p_2', '_cnpg_p_3'], existing, '_cnpg_'), {
    create: ['_cnpg_p_3'],
    drop: ['_cnpg_p_7'],
    busy: ['_cnpg_p_8'],
  });
});

const input: StandbySlotsInput = {
  own: '_cnpg_p_2',
  prefix: '_cnpg_',
  highAvailability: true,
  userSlots: true,
  excludePatterns: [/^skip/],
  source: [
    { name: '_cnpg_p_2', restartLsn: '0/5' },
    { name: '_cnpg_p_3', restartLsn: '0/5' },
    { name: '_cnpg_p_4', restartLsn: undefined },
    { name: 'mine', restartLsn: '0/6' },
    { name: 'skipped', restartLsn: '0/6' },
  ],
  local: [],
};

test('a standby copies the slots of the others, not its own, not unused and not excluded ones', () => {
  assert.deepEqual(planStandbySlots(input), {
    create: ['_cnpg_p_3', 'mine'],
    advance: [
      { name: '_cnpg_p_3', lsn: '0/5' },
      { name: 'mine', lsn: '0/6' },
    ],
    drop: [],
  });
});

test('a standby drops what the primary has not, its own slot, and what holds back vacuum', () => {
  const slot = (name: string, holdsXmin = false) => ({ name, active: false, restartLsn: '0/5', holdsXmin });
  const local = [slot('_cnpg_p_2'), slot('_cnpg_p_3'), slot('gone'), slot('mine', true), slot('skipped')];
  assert.deepEqual(planStandbySlots({ ...input, local }).drop, ['_cnpg_p_2', 'gone', 'mine']);
  assert.deepEqual(planStandbySlots({ ...input, local, highAvailability: false }).drop, [
    '_cnpg_p_2',
    '_cnpg_p_3',
    'gone',
    'mine',
  ]);
});

test('user slots are copied when that is on only, and those of a switched-off copying go', () => {
  const slot = (name: string, active = false) => ({ name, active, restartLsn: '0/5', holdsXmin: false });
  const local = [slot('_cnpg_p_3'), slot('mine'), slot('busy', true), slot('skipped')];
  const plan = planStandbySlots({ ...input, userSlots: false, local });
  assert.deepEqual(plan, { create: [], advance: [], drop: ['mine'] });
});

const text = fc.stringMatching(/^[a-z_]{1,6}$/);
const prefixed = fc.oneof(
  text,
  text.map((name) => `_cnpg_${name}`),
);
const localSlot = fc.record({
  name: prefixed,
  active: fc.boolean(),
  restartLsn: fc.constantFrom('0/1', '0/2', undefined),
  holdsXmin: fc.boolean(),
});
const source = fc.record({ name: prefixed, restartLsn: fc.constantFrom('0/1', '0/2', undefined) });

test('copying twice changes nothing the second time, and the own slot is never there', () => {
  const views = fc.record({
    own: fc.constant('_cnpg_me'),
    prefix: fc.constant('_cnpg_'),
    highAvailability: fc.boolean(),
    userSlots: fc.boolean(),
    excludePatterns: fc.constant([/^a/]),
    source: fc.uniqueArray(source, { selector: (slot) => slot.name }),
    local: fc.uniqueArray(localSlot, { selector: (slot) => slot.name }),
  });
  fc.assert(
    fc.property(views, (view) => {
      const play = (local: StandbySlotsInput['local']) => {
        const plan = planStandbySlots({ ...view, local });
        const kept = local.filter(({ name }) => !plan.drop.includes(name));
        const made = plan.create.map((name) => ({ name, active: false, restartLsn: '0/0', holdsXmin: false }));
        const moved = new Map(plan.advance.map(({ name, lsn }) => [name, lsn]));
        return [...kept, ...made].map((slot) => ({ ...slot, restartLsn: moved.get(slot.name) ?? slot.restartLsn }));
      };
      // What was dropped for holding back vacuum is made anew by the next round.
      const settled = play(play(view.local));
      const last = planStandbySlots({ ...view, local: settled });
      assert.deepEqual([last.create, last.advance, last.drop], [[], [], []]);
      assert.ok(!settled.some(({ name, active }) => name === view.own && !active));
    }),
  );
});

test('a logical slot from the time as the primary is a leftover, a copy is none', () => {
  const slots = [
    { name: 'old', active: false, failover: true, synced: false },
    { name: 'copy', active: false, failover: true, synced: true },
    { name: 'read-here', active: false, failover: false, synced: false },
    { name: 'busy', active: true, failover: true, synced: false },
  ];
  assert.deepEqual(leftoverLogicalSlots(slots), ['old']);
});

test('patterns may have flags in front', () => {
  assert.ok(slotPattern('^skip')?.test('skipped'));
  assert.ok(slotPattern('(?i)^SKIP')?.test('skipped'));
  assert.equal(slotPattern('('), undefined);
});
