/** Objects every cluster begins with. What is there already is left alone. */
import type { Endpoints } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { type Api, isAlreadyExists } from '../runtime/api.ts';
import type { Caches } from '../runtime/cache.ts';
import { ENDPOINTS, SERVICE_ACCOUNTS, SERVICES, STORAGE_CLASSES } from '../runtime/resources.ts';
import { FILE_SYSTEM } from '../volumes/provisioner.ts';

export const STORAGE_CLASS = 'standard';
/** Its volumes hold as much as their claim says and no more. */
export const SIZED_STORAGE_CLASS = 'sized';
const PROVISIONER = 'matriarch.dev/directory';

async function ensure(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function storageClass(
  name: string,
  annotations: Record<string, string>,
  parameters?: Record<string, string>,
): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations },
    provisioner: PROVISIONER,
    ...(parameters ? { parameters } : {}),
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  };
}

export async function createStorageClasses(api: Api): Promise<void> {
  if (api.list(STORAGE_CLASSES).length === 0) {
    const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await ensure(api.create(STORAGE_CLASSES, '', storageClass(STORAGE_CLASS, isDefault)));
  }
  await ensure(api.create(STORAGE_CLASSES, '', storageClass(SIZED_STORAGE_CLASS, {}, { [FILE_SYSTEM]: 'ext4' })));
}

/** The Service `kubernetes`, behind which is the API server. */
export async function createApiService(api: Api, host: string, port: number, clusterIP: string): Promise<void> {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  await ensure(
    api.create(SERVICES, 'default', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels },
      spec: { clusterIP, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }] },
    }),
  );
  const subsets = [{ addresses: [{ ip: host }], ports: [{ name: 'https', port, protocol: 'TCP' }] }];
  const known = await api.get(ENDPOINTS, { namespace: 'default', name: 'kubernetes' });
  if (known) await api.update(ENDPOINTS, { ...known, subsets });
  else
    await ensure(
      api.create<Endpoints>(ENDPOINTS, 'default', { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets }),
    );
}

const ACCOUNT_WAIT_MS = 5000;

/** Waits for the account of pods that name none: without it they are refused. */
export function defaultAccount(caches: Caches): Promise<void> {
  const accounts = caches.of(SERVICE_ACCOUNTS);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ACCOUNT_WAIT_MS);
    accounts.onChange(() => {
      if (accounts.get({ namespace: 'default', name: 'default' }) === undefined) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The first address of a network: 127.96.0.0/16 -> 127.96.0.1. */
export function firstAddress(cidr: string): string {
  const [a, b, c, d] = (cidr.split('/')[0] ?? '').split('.').map(Number);
  return [a, b, c, (d ?? 0) + 1].join('.');
}
