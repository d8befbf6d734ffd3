/** What is in every cluster from its first start on: namespaces, priority classes, roles. */
import type { ApiClient, ResourceName } from '../client.ts';
import { ApiError } from '../registry/errors.ts';
import type { ApiObject } from '../registry/types.ts';
import { catalogue } from './catalogue.ts';
import { SYSTEM_CLASSES } from './validation/policy.ts';

const NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

const CLASS_DESCRIPTIONS: { readonly [name: string]: string } = {
  'system-cluster-critical':
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  'system-node-critical': 'For pods of the system that belong to one node and cannot run on another.',
};

function systemObjects(): ApiObject[] {
  return [
    ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...Object.entries(SYSTEM_CLASSES).map(([name, value]) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description: CLASS_DESCRIPTIONS[name] ?? '',
    })),
  ];
}

function resourceOf(object: ApiObject): ResourceName {
  const entry = catalogue.find(({ group, version, kind }) => {
    const apiVersion = group === '' ? version : `${group}/${version}`;
    return kind === object.kind && apiVersion === object.apiVersion;
  });
  if (entry === undefined) throw new Error(`${object.apiVersion} ${object.kind} is no built-in kind`);
  return { group: entry.group, version: entry.version, resource: entry.resource };
}

/** Makes what is not there yet; what is there stays as it is. */
export async function createSystemObjects(client: ApiClient, more: readonly ApiObject[]): Promise<void> {
  for (const object of [...systemObjects(), ...more]) {
    const type = resourceOf(object);
    if ((await client.find(type, { name: object.metadata.name ?? '' })) !== undefined) continue;
    try {
      await client.create(type, object);
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
    }
  }
}
