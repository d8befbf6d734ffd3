import { type Case, rawCluster, ruleTest } from '../../testing/cluster.ts';
import type { Bootstrap } from '../schema/bootstrap.ts';
import {
  applicationSqlRefs,
  baseBackupSource,
  databaseAndOwner,
  oneMethod,
  recoverySource,
  snapshotSources,
  snapshotsExcludeBackup,
  walSegmentSize,
} from './bootstrap.ts';

const starts = (bootstrap: Bootstrap) => ({ spec: { bootstrap } });
const wrong = (path: string) => `Invalid spec.bootstrap.${path}`;

ruleTest(oneMethod, [
  [{}],
  [starts({ recovery: { source: 'old' } })],
  [starts({ initdb: {}, recovery: {} }), 'Forbidden spec.bootstrap'],
]);

ruleTest(
  databaseAndOwner,
  [
    [starts({ initdb: {} })],
    [starts({ initdb: { database: 'app' } }), wrong('initdb.owner')],
    [starts({ recovery: { owner: 'app' } }), wrong('recovery.database')],
    [starts({ pg_basebackup: { source: 'old', database: 'app' } }), wrong('pg_basebackup.owner')],
  ],
  rawCluster,
);

ruleTest(walSegmentSize, [
  [starts({ initdb: { walSegmentSize: 1 } })],
  [starts({ initdb: { walSegmentSize: 64 } })],
  [starts({ initdb: { walSegmentSize: 48 } }), wrong('initdb.walSegmentSize')],
]);

ruleTest(applicationSqlRefs, [
  [starts({ initdb: { postInitApplicationSQLRefs: { secretRefs: [{ name: 'a', key: 'b' }] } } })],
  [
    starts({ initdb: { postInitApplicationSQLRefs: { configMapRefs: [{ name: 'a', key: '' }] } } }),
    wrong('initdb.postInitApplicationSQLRefs.configMapRefs[0]'),
  ],
]);

const externalClusters = [{ name: 'old', connectionParameters: { host: 'old' } }, { name: 'bare' }];
const from = (bootstrap: Bootstrap) => ({ spec: { bootstrap, externalClusters } });

ruleTest(baseBackupSource, [
  [from({ pg_basebackup: { source: 'old' } })],
  [from({ pg_basebackup: { source: 'new' } }), wrong('pg_basebackup.source')],
]);

ruleTest(recoverySource, [
  [from({ recovery: {} })],
  [from({ recovery: { source: 'old' } })],
  [from({ recovery: { source: 'bare' } }), wrong('recovery.source')],
  [from({ recovery: { source: 'new' } }), wrong('recovery.source'), wrong('recovery.source')],
]);

const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' };
const claim = { kind: 'PersistentVolumeClaim', name: 'c' };

ruleTest(snapshotsExcludeBackup, [
  [starts({ recovery: { backup: { name: 'b' } } })],
  [
    starts({
      recovery: { backup: { name: 'b' }, volumeSnapshots: { storage: snapshot }, recoveryTarget: { backupID: 'i' } },
    }),
    wrong('recovery.backup'),
    wrong('recovery.recoveryTarget.backupID'),
  ],
]);

const walVolume: Case[0] = {
  spec: {
    walStorage: { size: '1Gi' },
    bootstrap: { recovery: { volumeSnapshots: { storage: claim, walStorage: snapshot } } },
  },
};
ruleTest(snapshotSources, [
  [starts({ recovery: { volumeSnapshots: { storage: snapshot } } })],
  [walVolume],
  [starts({ recovery: { volumeSnapshots: { storage: { kind: 'Pod', name: 'p' } } } }), wrong('recovery.storage')],
  [
    starts({ recovery: { volumeSnapshots: { storage: claim, walStorage: { ...claim, apiGroup: 'x' } } } }),
    wrong('recovery.dataSource.walStorage'),
    wrong('recovery.dataSource.walStorage'),
  ],
]);
