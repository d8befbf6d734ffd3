/** Claims get the default class, cannot vanish while they are used, and grow only where their class allows it. */
import { record, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { compareQuantities } from '../../kinds/schema/quantity.ts';
import { requestedStorage } from '../../kinds/validation/storage.ts';
import { forbidden } from '../../registry/errors.ts';
import type { ApiObject } from '../../registry/types.ts';
import { type AdmissionPlugin, creates, isAbout } from '../plugin.ts';

const TABLE = 'storage.k8s.io/storageclasses';
const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export function defaultStorageClass(lookup: Lookup): AdmissionPlugin {
  return {
    handles: (request) => creates(request, '', 'persistentvolumeclaims'),
    mutate({ object }) {
      if (object === undefined) return;
      const spec = record(object.spec);
      if (spec.storageClassName !== undefined || object.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
      const chosen = newestDefault(lookup.list(TABLE));
      if (chosen !== undefined) spec.storageClassName = text(chosen.metadata.name);
    },
  };
}

/** Of several defaults the newest one counts. */
function newestDefault(classes: ApiObject[]): ApiObject | undefined {
  const defaults = classes.filter((one) =>
    DEFAULT_ANNOTATIONS.some((key) => one.metadata.annotations?.[key] === 'true'),
  );
  const rank = (one: ApiObject): string => `${text(one.metadata.creationTimestamp)} ${text(one.metadata.name)}`;
  return defaults.sort((a, b) => {
    const [x, y] = [text(a.metadata.creationTimestamp), text(b.metadata.creationTimestamp)];
    return x === y ? (rank(a) < rank(b) ? -1 : 1) : x < y ? 1 : -1;
  })[0];
}

const FINALIZERS: { readonly [resource: string]: string } = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

export const storageProtection: AdmissionPlugin = {
  handles: (request) => creates(request, '', 'persistentvolumeclaims') || creates(request, '', 'persistentvolumes'),
  mutate({ object, info }) {
    const finalizer = FINALIZERS[info.resource];
    if (object === undefined || finalizer === undefined) return;
    const present = object.metadata.finalizers ?? [];
    if (!present.includes(finalizer)) object.metadata.finalizers = [...present, finalizer];
  },
};

export function claimResize(lookup: Lookup): AdmissionPlugin {
  return {
    handles: (request) => request.operation === 'UPDATE' && isAbout(request, '', 'persistentvolumeclaims'),
    validate({ object, old, info, attributes }) {
      if (object === undefined || old === undefined) return;
      const [wanted, before] = [requestedStorage(object), requestedStorage(old)];
      if (wanted === undefined || before === undefined || compareQuantities(wanted, before) <= 0) return;
      if (record(old.status).phase !== 'Bound') return;
      const name = text(record(object.spec).storageClassName);
      const storageClass = name === '' ? undefined : lookup.get(TABLE, undefined, name);
      if (storageClass?.allowVolumeExpansion === true) return;
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
      throw forbidden(info, attributes.name, why);
    },
  };
}
