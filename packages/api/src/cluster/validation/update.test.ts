import { type ClusterParts, changeTest, rawCluster, withParameters } from '../../testing/cluster.ts';
import type { ClusterSpec } from '../schema/spec.ts';
import {
  imageAndParameters,
  majorVersion,
  roleChange,
  slotsStay,
  tablespacesStay,
  userIdsStay,
  volumesGrow,
  walLevelStays,
  walStorageStays,
} from './update.ts';

const at = (majorVersion: number): ClusterParts => ({ status: { pgDataImageInfo: { image: 'i', majorVersion } } });
const image = (tag: string): ClusterParts => ({ spec: { imageName: `postgresql:${tag}` } });
const catalog = (major: number): ClusterParts => ({
  spec: { imageCatalogRef: { apiGroup: 'postgresql.cnpg.io', kind: 'ImageCatalog', name: 'i', major } },
});
changeTest(majorVersion, [
  [{}, image('14.1')],
  [at(17), image('17.5')],
  [at(17), image('18.1')],
  [at(14), image('16.1')],
  [at(17), image('16.9'), 'Invalid spec.imageName'],
  [at(14), image('15.1'), 'Invalid spec.imageName'],
  [at(17), catalog(16), 'Invalid spec.imageCatalogRef.major'],
]);

const switchover: Partial<ClusterSpec> = { primaryUpdateMethod: 'switchover' };
const both = withParameters({ work_mem: '8MB' }, { ...switchover, imageName: 'postgresql:18.2' });
changeTest(imageAndParameters, [
  [image('18.1'), { spec: { ...switchover, imageName: 'postgresql:18.2' } }],
  [image('18.1'), both, 'Invalid spec.imageName'],
  [image('18.2'), both],
  [image('18.1'), { spec: { ...both.spec, primaryUpdateMethod: 'restart' } }],
  // A fixed parameter in the old object is no difference.
  [
    withParameters({ port: '1' }, { imageName: 'postgresql:18.1' }),
    { spec: { ...switchover, imageName: 'postgresql:18.2' } },
  ],
]);

const volume = (size: string) => ({ size });
const template = (storage: string) => ({ pvcTemplate: { resources: { requests: { storage } } } });
const tablespace = (name: string, size: string) => ({ name, storage: { size } });
changeTest(volumesGrow, [
  [{ spec: { storage: volume('1Gi') } }, { spec: { storage: volume('2Gi') } }],
  [{ spec: { storage: volume('1Gi') } }, { spec: { storage: template('1024Mi') } }],
  [{ spec: { storage: volume('1Gi') } }, { spec: { storage: volume('1G') } }, 'Invalid spec.storage.size'],
  [{ spec: { storage: template('2Gi') } }, { spec: { storage: volume('1Gi') } }, 'Invalid spec.storage.size'],
  [{ spec: { storage: volume('big') } }, { spec: { storage: volume('1Gi') } }],
  [{ spec: { walStorage: volume('2Gi') } }, { spec: { walStorage: volume('1Gi') } }, 'Invalid spec.walStorage.size'],
  [
    { spec: { tablespaces: [tablespace('a', '1Gi'), tablespace('b', '2Gi')] } },
    { spec: { tablespaces: [tablespace('b', '1Gi'), tablespace('a', '1Gi')] } },
    'Invalid spec.tablespaces[0].size',
  ],
]);

changeTest(walStorageStays, [
  [{}, { spec: { walStorage: volume('1Gi') } }],
  [{ spec: { walStorage: volume('1Gi') } }, {}, 'Invalid spec.walStorage'],
]);

changeTest(tablespacesStay, [
  [{}, { spec: { tablespaces: [tablespace('a', '1Gi')] } }],
  [{ spec: { tablespaces: [tablespace('a', '1Gi')] } }, {}, 'Invalid spec.tablespaces'],
  [
    { spec: { tablespaces: [tablespace('a', '1Gi'), tablespace('b', '1Gi')] } },
    { spec: { tablespaces: [tablespace('b', '1Gi')] } },
    'Invalid spec.tablespaces',
  ],
]);

changeTest(userIdsStay, [
  [{}, { spec: { postgresUID: 26 } }],
  [{}, { spec: { postgresUID: 27 } }, 'Invalid spec.postgresUID'],
  [{ spec: { postgresGID: 30 } }, {}, 'Invalid spec.postgresGID'],
]);

const slots = (replicationSlots: NonNullable<ClusterSpec['replicationSlots']>) => ({ spec: { replicationSlots } });
const path = 'spec.replicationSlots';
changeTest(
  slotsStay,
  [
    [slots({ highAvailability: { enabled: false }, synchronizeReplicas: { enabled: false } }), {}],
    [{}, {}, `Invalid ${path}`, `Invalid ${path}.synchronizeReplicas`],
    [{}, slots({ synchronizeReplicas: { enabled: false } }), `Invalid ${path}.highAvailability`],
    [{}, slots({ highAvailability: { enabled: true } }), `Invalid ${path}.synchronizeReplicas`],
    [
      {},
      slots({ highAvailability: { slotPrefix: 'x_' }, synchronizeReplicas: { enabled: true } }),
      `Invalid ${path}.highAvailability.slotPrefix`,
    ],
    [{}, slots({ highAvailability: { slotPrefix: '_cnpg_' }, synchronizeReplicas: { enabled: true } })],
  ],
  rawCluster,
);

changeTest(walLevelStays, [
  [withParameters({ wal_level: 'minimal' }), withParameters({ wal_level: 'minimal' })],
  [withParameters({ wal_level: 'minimal' }), withParameters({ wal_level: 'replica' })],
  [{}, withParameters({ wal_level: 'minimal' }), 'Invalid spec.postgresql.parameters.wal_level'],
]);

const following = (enabled: boolean) => ({ spec: { replica: { source: 'old', enabled } } });
const changing = { status: { switchReplicaClusterStatus: { inProgress: true } } };
changeTest(roleChange, [
  [following(true), following(false)],
  [{ ...changing, ...following(true) }, following(true)],
  [{ ...changing, ...following(true) }, following(false), 'Forbidden spec.replica.enabled'],
]);
