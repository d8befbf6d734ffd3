import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPrimarySlots, planStandbySlots, type StandbySlotsInput } from './decide.ts';

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
