import { crds } from '@matriarch/api';
import {
  type Client,
  defineResource,
  type KubernetesObject,
  type ResourceType,
  resources,
  sleep,
} from '@matriarch/kubernetes';
import { operatorManifests } from '@matriarch/operator';
import { CommandError } from '../errors.ts';
import { installedPostgres } from './postgres-image.ts';

const fieldManager = 'matriarch';
const namespace = 'cnpg-system';
const deployment = 'cnpg-controller-manager';

/**
 * Installs the operator from the manifests that every cluster gets. What differs is in its settings: the newest
 * PostgreSQL that this machine has as default image, and service `-any`, which the walkthrough lists.
 */
export async function installOperator(client: Client): Promise<void> {
  for (const crd of crds()) await apply(client, crd as unknown as KubernetesObject);
  await Promise.all(crds().map((crd) => established(client, crd.metadata.name)));
  for (const object of operatorManifests({ namespace, config: operatorSettings() })) await apply(client, object);
}

function operatorSettings(): Record<string, string> {
  const [major, minor] = installedPostgres().version.split('.');
  return {
    POSTGRES_IMAGE_NAME: `ghcr.io/cloudnative-pg/postgresql:${major}.${minor}`,
    CREATE_ANY_SERVICE: 'true',
  };
}

/** Server-side apply of one object of any kind that the manifests hold. */
async function apply(client: Client, object: KubernetesObject): Promise<void> {
  const { name = '', namespace: own } = object.metadata ?? {};
  const key = own === undefined ? { name } : { name, namespace: own };
  await client.patch(typeOf(object), key, { type: 'apply', body: object }, { fieldManager, force: true });
}

const known: Readonly<Record<string, ResourceType<KubernetesObject>>> = Object.fromEntries(
  [
    ...Object.values(resources),
    defineResource({
      group: 'rbac.authorization.k8s.io',
      version: 'v1',
      kind: 'ClusterRole',
      plural: 'clusterroles',
      namespaced: false,
    }),
    defineResource({
      group: 'rbac.authorization.k8s.io',
      version: 'v1',
      kind: 'ClusterRoleBinding',
      plural: 'clusterrolebindings',
      namespaced: false,
    }),
  ].map((type) => [type.kind, type as ResourceType<KubernetesObject>]),
);

function typeOf({ kind = '' }: KubernetesObject): ResourceType<KubernetesObject> {
  const type = known[kind];
  if (type === undefined) throw new Error(`the manifests hold an object of kind ${kind}, which cannot be applied`);
  return type;
}

const waitMs = 60_000;

/** Waits until the API server serves a kind. */
async function established(client: Client, name: string): Promise<void> {
  const signal = AbortSignal.timeout(waitMs);
  for (;;) {
    const crd = await client.get(resources.customResourceDefinitions, { name });
    const conditions = (crd as { status?: { conditions?: { type: string; status: string }[] } }).status?.conditions;
    if (conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return;
    await sleep(20, signal);
  }
}

/**
 * Waits until the operator answers.
 * @throws CommandError when it does not become ready in time.
 */
export async function operatorReady(client: Client, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  try {
    const fieldSelector = `metadata.name=${deployment}`;
    for await (const { object } of client.watch(resources.deployments, { namespace, fieldSelector, signal: limit })) {
      if ((object.status?.readyReplicas ?? 0) > 0) return;
    }
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new CommandError(`the operator is not ready after ${waitMs / 1000} s; kubectl -n ${namespace} get pods`, {
      cause,
    });
  }
}
