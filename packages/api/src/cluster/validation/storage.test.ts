import { ruleTest } from '../../testing/cluster.ts';
import {
  distinctTablespaces,
  snapshotClassesOfTablespaces,
  storageSize,
  tablespaceNames,
  tablespaceSizes,
  temporaryData,
  walStorageSize,
} from './storage.ts';

const template = (storage: string) => ({ pvcTemplate: { resources: { requests: { storage } } } });

ruleTest(storageSize, [
  [{}],
  [{ spec: { storage: template('1Gi') } }],
  [{ spec: { storage: {} } }, 'Invalid spec.storage.size'],
  [{ spec: { storage: template('0') } }, 'Invalid spec.storage.size'],
  [{ spec: { storage: { size: '10GB' } } }, 'Invalid spec.storage.size'],
  [{ spec: { storage: { size: '-1Gi' } } }, 'Invalid spec.storage.size'],
  [{ spec: { storage: { size: '0' } } }, 'Invalid spec.storage.size'],
]);

ruleTest(walStorageSize, [
  [{ spec: { walStorage: { size: '1Gi' } } }],
  [{ spec: { walStorage: {} } }, 'Invalid spec.walStorage.size'],
]);

const tablespaces = (...names: string[]) => ({
  spec: { tablespaces: names.map((name) => ({ name, storage: { size: '1Gi' } })) },
});

ruleTest(tablespaceSizes, [
  [tablespaces('a')],
  [{ spec: { tablespaces: [{ name: 'a', storage: { size: 'big' } }] } }, 'Invalid spec.tablespaces[0].size'],
]);

ruleTest(tablespaceNames, [
  [tablespaces('a', '_b$1', 'a'.repeat(63))],
  [tablespaces('a', 'pg_fast'), 'Invalid spec.tablespaces[1]'],
  [tablespaces('1a'), 'Invalid spec.tablespaces[0]'],
  [tablespaces('a-b'), 'Invalid spec.tablespaces[0]'],
  [tablespaces('a'.repeat(64)), 'Invalid spec.tablespaces[0]'],
]);

ruleTest(distinctTablespaces, [
  [tablespaces('a', 'b')],
  [tablespaces('a', 'A'), 'Invalid spec.tablespaces[1]'],
  // Both become the volume tbs-a-b.
  [tablespaces('a_b', 'a$b'), 'Invalid spec.tablespaces[1]'],
  [tablespaces('_a', '1a'), 'Invalid spec.tablespaces[1]'],
]);

ruleTest(temporaryData, [
  [{ spec: { ephemeralVolumesSizeLimit: { temporaryData: '1Gi' } } }],
  [{ spec: { ephemeralVolumeSource: {} } }],
  [
    { spec: { ephemeralVolumeSource: {}, ephemeralVolumesSizeLimit: { temporaryData: '1Gi' } } },
    'Duplicate spec.ephemeralVolumesSizeLimit.temporaryData',
  ],
]);

const classes = (name: string) => ({
  spec: { ...tablespaces('a').spec, backup: { volumeSnapshot: { tablespaceClassName: { [name]: 'fast' } } } },
});
ruleTest(snapshotClassesOfTablespaces, [
  [classes('a')],
  [classes('b'), 'Invalid spec.backup.volumeSnapshot.tablespaceClassName[b]'],
]);
