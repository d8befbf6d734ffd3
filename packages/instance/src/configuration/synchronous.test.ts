import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import fc from 'fast-check';
import { containerLayout } from '../paths.ts';
import { computeParameters } from './compute.ts';
import { renderSynchronousStandbyNames, synchronousStandbys } from './synchronous.ts';
import { synchronousInput } from './synchronousInput.ts';

interface Setting {
  synchronous?: object;
  healthy?: readonly string[];
  names?: readonly string[];
  primary?: string;
  min?: number;
  max?: number;
  zones?: Record<string, Record<string, string>>;
  extracted?: boolean;
  constraint?: object;
}

const all = ['p-1', 'p-2', 'p-3'];

function cluster(setting: Setting): Cluster {
  const { healthy = all, names = all, primary = 'p-1', zones, extracted = true } = setting;
  return {
    metadata: { name: 'p' },
    spec: {
      instances: 3,
      minSyncReplicas: setting.min ?? 0,
      maxSyncReplicas: setting.max ?? 0,
      postgresql: { synchronous: setting.synchronous, syncReplicaElectionConstraint: setting.constraint },
    },
    status: {
      currentPrimary: primary,
      instanceNames: names,
      instancesStatus: { healthy },
      topology: { instances: zones, successfullyExtracted: extracted },
    },
  } as unknown as Cluster;
}

const value = (setting: Setting) => {
  const standbys = synchronousStandbys(synchronousInput(cluster(setting)));
  return standbys === undefined ? '' : renderSynchronousStandbyNames(standbys);
};

const any1 = { method: 'any', number: 1 };
const preferred = { ...any1, dataDurability: 'preferred' };
const zoned = { ...any1, nodeFailureDomainKeys: ['zone'] };
const zones = { 'p-1': { zone: 'a' }, 'p-2': { zone: 'b' }, 'p-3': { zone: 'a' } };
const one = ['p-1', 'p-3'];

test('synchronous_standby_names for every form of the setting', () => {
  const cases: [string, Setting, string][] = [
    ['off', {}, ''],
    ['any', { synchronous: any1 }, 'ANY 1 ("p-2","p-3","p-1")'],
    ['first', { synchronous: { method: 'first', number: 2 } }, 'FIRST 2 ("p-2","p-3","p-1")'],
    ['required: ready ones first, the primary last', { synchronous: any1, healthy: one }, 'ANY 1 ("p-3","p-2","p-1")'],
    ['required keeps its number', { synchronous: { ...any1, number: 2 }, healthy: one }, 'ANY 2 ("p-3","p-2","p-1")'],
    ['required with nobody', { synchronous: any1, healthy: [], names: [], primary: '' }, 'ANY 1 ("p-placeholder")'],
    ['at most so many', { synchronous: { ...any1, maxStandbyNamesFromCluster: 1 } }, 'ANY 1 ("p-2")'],
    ['none of the cluster', { synchronous: { ...any1, maxStandbyNamesFromCluster: 0 } }, 'ANY 1 ("p-placeholder")'],
    [
      'others before and after, not counted in the limit',
      { synchronous: { ...any1, maxStandbyNamesFromCluster: 1, standbyNamesPre: ['x'], standbyNamesPost: ['y"z'] } },
      'ANY 1 ("x","p-2","y""z")',
    ],
    ['preferred', { synchronous: preferred }, 'ANY 1 ("p-2","p-3")'],
    [
      'preferred asks for no more than are there',
      { synchronous: { ...preferred, number: 2 }, healthy: one },
      'ANY 1 ("p-3")',
    ],
    ['preferred with nobody is off', { synchronous: preferred, healthy: ['p-1'] }, ''],
    [
      'preferred with a limit',
      { synchronous: { ...preferred, number: 2, maxStandbyNamesFromCluster: 1 } },
      'ANY 1 ("p-2")',
    ],
    ['another zone only', { synchronous: zoned, zones }, 'ANY 1 ("p-2")'],
    ['too few in other zones', { synchronous: { ...zoned, number: 2 }, zones }, 'ANY 2 ("p-2","p-3","p-1")'],
    ['zones that cannot be read', { synchronous: zoned, zones, extracted: false }, 'ANY 1 ("p-2","p-3","p-1")'],
    ['preferred in another zone', { synchronous: { ...zoned, ...preferred }, zones }, 'ANY 1 ("p-2")'],
    ['preferred, nobody there', { synchronous: { ...zoned, ...preferred }, zones, healthy: one }, 'ANY 1 ("p-3")'],
    [
      'labels of pods, and one key of two is enough',
      {
        synchronous: { ...any1, podFailureDomainKeys: ['zone', 'rack'], nodeFailureDomainKeys: ['other'] },
        zones: { 'p-1': { zone: 'a', rack: '1' }, 'p-2': { zone: 'a', rack: '1' }, 'p-3': { zone: 'a', rack: '2' } },
      },
      'ANY 1 ("p-3")',
    ],
    ['an empty list of keys is none', { synchronous: { ...zoned, podFailureDomainKeys: [] }, zones }, 'ANY 1 ("p-2")'],
    [
      'the zone is cut before the limit',
      { synchronous: { ...zoned, maxStandbyNamesFromCluster: 1 }, zones },
      'ANY 1 ("p-2")',
    ],
  ];
  for (const [name, setting, expected] of cases) assert.equal(value(setting), expected, name);
});

test('the older minSyncReplicas and maxSyncReplicas', () => {
  const limits = { min: 1, max: 2 };
  const constraint = { enabled: true, nodeLabelsAntiAffinity: ['zone'] };
  const two = { enabled: true, nodeLabelsAntiAffinity: ['zone', 'rack'] };
  const racks = { 'p-1': { zone: 'a', rack: '1' }, 'p-2': { zone: 'a', rack: '2' }, 'p-3': { zone: 'a', rack: '1' } };
  const cases: [string, Setting, string][] = [
    ['all there: the maximum', limits, 'ANY 2 ("p-2","p-3")'],
    ['fewer than the maximum: the minimum', { ...limits, healthy: one }, 'ANY 1 ("p-3")'],
    ['fewer than the minimum: what is there', { min: 2, max: 2, healthy: one }, 'ANY 1 ("p-3")'],
    ['nobody: off', { ...limits, healthy: ['p-1'] }, ''],
    ['not even the primary: off', { ...limits, healthy: [] }, ''],
    ['no minimum, fewer than the maximum: off', { min: 0, max: 2, healthy: one }, ''],
    ['no maximum: off', { min: 0, max: 0 }, ''],
    ['the primary is not known', { ...limits, primary: '' }, ''],
    ['other zones only', { ...limits, constraint, zones }, 'ANY 1 ("p-2")'],
    [
      'a constraint that is off',
      { ...limits, constraint: { ...constraint, enabled: false }, zones },
      'ANY 2 ("p-2","p-3")',
    ],
    ['zones that cannot be read', { ...limits, constraint, zones, extracted: false }, 'ANY 2 ("p-2","p-3")'],
    ['one label that differs is enough', { ...limits, constraint: two, zones: racks }, 'ANY 1 ("p-2")'],
    ['the explicit form wins', { ...limits, synchronous: preferred }, 'ANY 1 ("p-2","p-3")'],
  ];
  for (const [name, setting, expected] of cases) assert.equal(value(setting), expected, name);
});

test('the metadata follow what the server is told, and are not part of what the hash covers', () => {
  const compute = (setting: Setting) => {
    const object = cluster(setting);
    const synchronous = synchronousStandbys(synchronousInput(object));
    return computeParameters({ cluster: object, layout: containerLayout({}), podName: 'p-1', major: 17, synchronous });
  };
  const { settings, own } = compute({ synchronous: any1 });
  assert.equal(settings.synchronous_standby_names, 'ANY 1 ("p-2","p-3","p-1")');
  assert.equal(
    own['cnpg.synchronous_standby_names_metadata'],
    '{"method":"ANY","number":1,"standbyNames":["p-2","p-3","p-1"]}',
  );
  const off = compute({ synchronous: preferred, healthy: ['p-1'] });
  assert.equal(off.settings.synchronous_standby_names, undefined);
  assert.deepEqual(off.own, {});
});

const subset = fc.subarray(all);
const anySetting = fc.record({
  method: fc.constantFrom('any', 'first'),
  number: fc.integer({ min: 1, max: 3 }),
  dataDurability: fc.constantFrom('required', 'preferred'),
  maxStandbyNamesFromCluster: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  nodeFailureDomainKeys: fc.constantFrom([], ['zone']),
});

test('required never waits for fewer than asked for, preferred never for more than are ready', () => {
  fc.assert(
    fc.property(anySetting, subset, (synchronous, healthy) => {
      const object = cluster({ synchronous, healthy, zones });
      const found = synchronousStandbys(synchronousInput(object));
      if (synchronous.dataDurability === 'required') {
        assert.equal(found?.number, synchronous.number);
        assert.ok((found?.standbyNames.length ?? 0) > 0);
        return;
      }
      const others = healthy.filter((name) => name !== 'p-1');
      assert.ok((found?.number ?? 0) <= Math.min(synchronous.number, others.length));
      assert.ok((found?.standbyNames ?? []).every((name) => others.includes(name)));
    }),
  );
});
