// Volume claims, and the volumes that a pod brings by itself.
import type * as core from 'kubernetes-types/core/v1.d.ts';
import { volumeResources } from './container.ts';
import { reference } from './reference.ts';
import {
  labelSelector,
  objectFieldSelector,
  resourceFieldSelector,
  typedLocalObjectReference,
  typedObjectReference,
} from './selectors.ts';
import { flag, int32, int64, list, must, struct, text, textMap, texts, withDefault } from './shorthand.ts';

const claimFields = {
  accessModes: texts,
  dataSource: typedLocalObjectReference,
  dataSourceRef: typedObjectReference,
  resources: volumeResources,
  selector: labelSelector,
  storageClassName: text,
  volumeAttributesClassName: text,
  volumeMode: text,
  volumeName: text,
};
export const persistentVolumeClaimSpec = reference<core.PersistentVolumeClaimSpec>(
  'core/v1 PersistentVolumeClaimSpec',
  claimFields,
);
export const ephemeralVolumeSource = reference<core.EphemeralVolumeSource>('core/v1 EphemeralVolumeSource', {
  volumeClaimTemplate: struct({ metadata: struct({}), spec: must(persistentVolumeClaimSpec) }),
});

/** An OCI image mounted as a volume; newer than the typed package. */
export interface ImageVolumeSource {
  pullPolicy?: string;
  reference?: string;
}
export const imageVolumeSource = reference<ImageVolumeSource>('core/v1 ImageVolumeSource', {
  pullPolicy: text,
  reference: text,
});

export const keyToPaths = list(struct({ key: must(text), mode: int32, path: must(text) }));
const optionalItems = { items: keyToPaths, name: withDefault(''), optional: flag };
const atomicItems = { ...struct(optionalItems), mapType: 'atomic' } as const;

export const downwardFiles = list(
  struct({
    fieldRef: objectFieldSelector,
    mode: int32,
    path: must(text),
    resourceFieldRef: resourceFieldSelector,
  }),
);
const clusterTrustBundle = struct({ labelSelector, name: text, optional: flag, path: must(text), signerName: text });
const podCertificate = struct({
  certificateChainPath: text,
  credentialBundlePath: text,
  keyPath: text,
  keyType: must(text),
  maxExpirationSeconds: int32,
  signerName: must(text),
  userAnnotations: textMap,
});
const serviceAccountToken = struct({ audience: text, expirationSeconds: int64, path: must(text) });

export const projectedVolumeSource = reference<core.ProjectedVolumeSource>('core/v1 ProjectedVolumeSource', {
  defaultMode: int32,
  sources: list(
    struct({
      clusterTrustBundle,
      configMap: atomicItems,
      downwardAPI: struct({ items: downwardFiles }),
      podCertificate,
      secret: atomicItems,
      serviceAccountToken,
    }),
  ),
});

export const configMapVolume = { ...struct({ ...optionalItems, defaultMode: int32 }), mapType: 'atomic' } as const;
export const secretVolume = struct({ defaultMode: int32, items: keyToPaths, optional: flag, secretName: text });
