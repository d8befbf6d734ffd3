import { apiGroup, type Backup, type Cluster } from '@matriarch/api';
import { defineResource } from '@matriarch/kubernetes';

const version = 'v1';

export const clusters = defineResource<Cluster>({
  group: apiGroup,
  version,
  kind: 'Cluster',
  plural: 'clusters',
  namespaced: true,
});

export const backups = defineResource<Backup>({
  group: apiGroup,
  version,
  kind: 'Backup',
  plural: 'backups',
  namespaced: true,
});
