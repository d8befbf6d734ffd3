/** Volumes, claims, storage classes. */
import type { ApiObject, JsonObject, Strategy } from '../../registry/types.ts';
import { record, text } from '../columns/format.ts';
import type { KindParts } from '../resource.ts';
import {
  validateClaim,
  validateClaimUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolume,
  validateVolumeUpdate,
} from '../validation/storage.ts';
import { fill } from './pod-defaults.ts';

const SOURCE_GROUPS: { readonly [group: string]: string } = {
  'snapshot.storage.k8s.io': 'VolumeSnapshot',
  '': 'PersistentVolumeClaim',
};

/** A source is written in two fields. One that the older field cannot hold is kept in the newer one only. */
function syncSources(spec: JsonObject): void {
  if (spec.dataSource !== undefined) {
    const source = record(spec.dataSource);
    if (SOURCE_GROUPS[text(source.apiGroup)] !== source.kind) delete spec.dataSource;
    else fill(spec, 'dataSourceRef', { ...source });
  } else if (spec.dataSourceRef !== undefined) {
    const { namespace, ...source } = record(spec.dataSourceRef);
    if (namespace === undefined && SOURCE_GROUPS[text(source.apiGroup)] === source.kind) spec.dataSource = source;
  }
}

const claim: Strategy = {
  names: 'subdomain',
  returnsDeleted: true,
  setDefaults(object) {
    object.spec ??= {};
    fill(record(object.spec), 'volumeMode', 'Filesystem');
    const status = record(object.status);
    fill(status, 'phase', 'Pending');
    object.status = status;
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
    syncSources(record(object.spec));
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
};

const volume: Strategy = {
  returnsDeleted: true,
  setDefaults(object) {
    object.spec ??= {};
    const spec = record(object.spec);
    fill(spec, 'persistentVolumeReclaimPolicy', 'Retain');
    fill(spec, 'volumeMode', 'Filesystem');
    if (spec.hostPath !== undefined) fill(record(spec.hostPath), 'type', '');
    const status = record(object.status);
    fill(status, 'phase', 'Pending');
    object.status = status;
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
  },
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
};

const storageClass: Strategy = {
  returnsDeleted: true,
  setDefaults(object: ApiObject & { reclaimPolicy?: unknown; volumeBindingMode?: unknown }) {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
};

const csiDriver: Strategy = {
  versionRequired: true,
  setDefaults(object) {
    const spec = record(object.spec);
    fill(spec, 'attachRequired', true);
    fill(spec, 'podInfoOnMount', false);
    fill(spec, 'storageCapacity', false);
    fill(spec, 'fsGroupPolicy', 'ReadWriteOnceWithFSType');
    fill(spec, 'volumeLifecycleModes', ['Persistent']);
    fill(spec, 'requiresRepublish', false);
    object.spec = spec;
  },
};

export const storageKinds: { readonly [resource: string]: KindParts } = {
  '/persistentvolumeclaims': { strategy: claim },
  '/persistentvolumes': { strategy: volume },
  'storage.k8s.io/storageclasses': { strategy: storageClass },
  'storage.k8s.io/csidrivers': { strategy: csiDriver },
  'storage.k8s.io/csinodes': { strategy: { versionRequired: true, returnsDeleted: true } },
  'storage.k8s.io/volumeattachments': { strategy: { returnsDeleted: true } },
};
