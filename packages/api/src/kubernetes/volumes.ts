// Every kind of volume that a pod can name.
import {
  configMapVolume,
  downwardFiles,
  ephemeralVolumeSource,
  imageVolumeSource,
  projectedVolumeSource,
  secretVolume,
} from './claims.ts';
import { localObjectReference } from './selectors.ts';
import { flag, int32, must, quantity, struct, text, textMap, texts, withDefault } from './shorthand.ts';

const secretRef = localObjectReference;
const partition = int32;
const readOnly = flag;
const fsType = text;

const provider = {
  awsElasticBlockStore: struct({ fsType, partition, readOnly, volumeID: must(text) }),
  azureDisk: struct({
    cachingMode: text,
    diskName: must(text),
    diskURI: must(text),
    fsType: withDefault('ext4'),
    kind: text,
    readOnly: { ...flag, default: false },
  }),
  azureFile: struct({ readOnly, secretName: must(text), shareName: must(text) }),
  cinder: struct({ fsType, readOnly, secretRef, volumeID: must(text) }),
  gcePersistentDisk: struct({ fsType, partition, pdName: must(text), readOnly }),
  photonPersistentDisk: struct({ fsType, pdID: must(text) }),
  portworxVolume: struct({ fsType, readOnly, volumeID: must(text) }),
  vsphereVolume: struct({ fsType, storagePolicyID: text, storagePolicyName: text, volumePath: must(text) }),
};

const network = {
  cephfs: struct({
    monitors: must(texts),
    path: text,
    readOnly,
    secretFile: text,
    secretRef,
    user: text,
  }),
  fc: struct({ fsType, lun: int32, readOnly, targetWWNs: texts, wwids: texts }),
  flocker: struct({ datasetName: text, datasetUUID: text }),
  glusterfs: struct({ endpoints: must(text), path: must(text), readOnly }),
  iscsi: struct({
    chapAuthDiscovery: flag,
    chapAuthSession: flag,
    fsType,
    initiatorName: text,
    iqn: must(text),
    iscsiInterface: withDefault('default'),
    lun: must(int32),
    portals: texts,
    readOnly,
    secretRef,
    targetPortal: must(text),
  }),
  nfs: struct({ path: must(text), readOnly, server: must(text) }),
  quobyte: struct({ group: text, readOnly, registry: must(text), tenant: text, user: text, volume: must(text) }),
  rbd: struct({
    fsType,
    image: must(text),
    keyring: withDefault('/etc/ceph/keyring'),
    monitors: must(texts),
    pool: withDefault('rbd'),
    readOnly,
    secretRef,
    user: withDefault('admin'),
  }),
  scaleIO: struct({
    fsType: withDefault('xfs'),
    gateway: must(text),
    protectionDomain: text,
    readOnly,
    secretRef: must(secretRef),
    sslEnabled: flag,
    storageMode: withDefault('ThinProvisioned'),
    storagePool: text,
    system: must(text),
    volumeName: text,
  }),
  storageos: struct({ fsType, readOnly, secretRef, volumeName: text, volumeNamespace: text }),
};

export const volume = struct({
  ...provider,
  ...network,
  configMap: configMapVolume,
  csi: struct({ driver: must(text), fsType, nodePublishSecretRef: secretRef, readOnly, volumeAttributes: textMap }),
  downwardAPI: struct({ defaultMode: int32, items: downwardFiles }),
  emptyDir: struct({ medium: text, sizeLimit: quantity }),
  ephemeral: ephemeralVolumeSource,
  flexVolume: struct({ driver: must(text), fsType, options: textMap, readOnly, secretRef }),
  gitRepo: struct({ directory: text, repository: must(text), revision: text }),
  hostPath: struct({ path: must(text), type: text }),
  image: imageVolumeSource,
  name: must(text),
  persistentVolumeClaim: struct({ claimName: must(text), readOnly }),
  projected: projectedVolumeSource,
  secret: secretVolume,
});
