/** Each namespace has a service account `default` and the certificate of the API server. */
import { type Api, isAlreadyExists, isForbidden, isNotFound } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import { CONFIG_MAPS, type Key, NAMESPACES, SERVICE_ACCOUNTS } from '../runtime/resources.ts';
import { type ControllerContext, isSame, type Running } from './common.ts';

const CA_NAME = 'kube-root-ca.crt';
const CA_DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export function startServiceAccounts({ api, caches, log }: ControllerContext, caCertificate: string): Running {
  const namespaces = caches.of(NAMESPACES);
  const accounts = caches.of(SERVICE_ACCOUNTS);
  const configMaps = caches.of(CONFIG_MAPS);

  const reconcile = async ({ name: namespace }: Key): Promise<undefined> => {
    const owner = namespaces.get({ namespace: '', name: namespace });
    if (!owner || owner.metadata.deletionTimestamp !== undefined) return undefined;
    if (!accounts.get({ namespace, name: 'default' })) await create(api, namespace);
    const data = { 'ca.crt': caCertificate };
    const known = configMaps.get({ namespace, name: CA_NAME });
    if (!known) await createCertificate(api, namespace, data);
    else if (!isSame(known.data, data)) await api.update(CONFIG_MAPS, { ...known, data });
    return undefined;
  };
  const controller = createController('service-accounts', reconcile, log);
  controller.watch(namespaces, ownKey);
  controller.watch(accounts, ({ key }) => (key.name === 'default' ? [{ namespace: '', name: key.namespace }] : []));
  controller.watch(configMaps, ({ key }) => (key.name === CA_NAME ? [{ namespace: '', name: key.namespace }] : []));
  return controller;
}

function create(api: Api, namespace: string): Promise<void> {
  const metadata = { name: 'default', namespace };
  return unlessThere(api.create(SERVICE_ACCOUNTS, namespace, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }));
}

function createCertificate(api: Api, namespace: string, data: Record<string, string>): Promise<void> {
  const annotations = { 'kubernetes.io/description': CA_DESCRIPTION };
  const metadata = { name: CA_NAME, namespace, annotations };
  return unlessThere(api.create(CONFIG_MAPS, namespace, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }));
}

/** Somebody else made it meanwhile, or the namespace goes: nothing is left to do. */
async function unlessThere(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isAlreadyExists(error) && !isForbidden(error) && !isNotFound(error)) throw error;
  }
}
