import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideRole, type RoleView } from './decide.ts';

const view: RoleView = {
  podName: 'p-1',
  targetPrimary: 'p-1',
  currentPrimary: 'p-1',
  replicaCluster: false,
  looksPrimary: true,
};

test('every role that target and data directory can give', () => {
  const cases: [Partial<RoleView>, string][] = [
    [{}, 'hold'],
    [{ looksPrimary: false }, 'promote'],
    [{ targetPrimary: 'p-2' }, 'demote'],
    [{ targetPrimary: 'pending' }, 'demote'],
    [{ targetPrimary: '' }, 'demote'],
    [{ targetPrimary: 'p-2', looksPrimary: false }, 'follow'],
    [{ replicaCluster: true }, 'demote'],
    [{ replicaCluster: true, looksPrimary: false }, 'designate'],
    [{ replicaCluster: true, looksPrimary: false, targetPrimary: 'p-2' }, 'follow'],
  ];
  for (const [change, role] of cases) assert.equal(decideRole({ ...view, ...change }), role, JSON.stringify(change));
});
