import { annotations, type Cluster } from '@matriarch/api';
import { isConflict } from '@matriarch/kubernetes';
import { type Connection, type ConnectionFlags, connect } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { clusters } from '../resources.ts';
import { instanceName } from './instance-name.ts';

const everyInstance = '*';
const maxAttempts = 10;

export type FencingRequest = { readonly kind: 'on' | 'off'; readonly instance: string };

/** `fencing on|off CLUSTER INSTANCE`: stops the PostgreSQL of an instance, or of all with `*`, and lets it start again. */
export async function fencing(
  kind: FencingRequest['kind'],
  name: string,
  argument: string,
  flags: ConnectionFlags,
): Promise<void> {
  const connection = connect(flags);
  try {
    const request = { kind, instance: instanceName(name, argument) };
    await apply(connection, name, request);
    console.log(`${request.instance} ${kind === 'on' ? 'fenced' : 'unfenced'}`);
  } finally {
    connection.client.close();
  }
}

async function apply({ client, namespace }: Connection, name: string, request: FencingRequest): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const cluster = await client.get(clusters, { name, namespace });
    const change = decideFencing(cluster, request);
    if (change === undefined) return;
    const { resourceVersion } = cluster.metadata;
    // The list is replaced as a whole, so somebody else's change in between must not be lost.
    const body = { metadata: { resourceVersion, annotations: { [annotations.fencedInstances]: change.value } } };
    try {
      await client.patch(clusters, { name, namespace }, { type: 'merge', body });
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attempt < maxAttempts) continue;
      const message = `cluster ${name} changed ${maxAttempts} times under way; try again`;
      throw new CommandError(message, { cause: error });
    }
  }
}

/**
 * The new value of the annotation, null to remove it; undefined = it says already what is wanted.
 * @throws CommandError for an instance that is not there, and where one is to be freed while all are fenced.
 */
export function decideFencing(
  cluster: Cluster,
  { kind, instance }: FencingRequest,
): { readonly value: string | null } | undefined {
  const name = cluster.metadata.name ?? '';
  const fenced = readFenced(cluster);
  const known = [...(cluster.status?.instanceNames ?? []), ...(kind === 'off' ? fenced : [])];
  if (instance !== everyInstance && !known.includes(instance)) {
    const names = (cluster.status?.instanceNames ?? []).join(', ');
    throw new CommandError(`${instance} is not an instance of cluster ${name}; its instances are ${names}`);
  }
  if (kind === 'on') {
    if (fenced.includes(everyInstance) || fenced.includes(instance)) return undefined;
    return written(instance === everyInstance ? [everyInstance] : [...fenced, instance]);
  }
  if (instance === everyInstance) return fenced.length === 0 ? undefined : written([]);
  if (fenced.includes(everyInstance)) {
    const remedy = `run "fencing off ${name} '*'" first, then fence those that are to stay`;
    throw new CommandError(`all instances of cluster ${name} are fenced, one alone cannot be unfenced; ${remedy}`);
  }
  return fenced.includes(instance) ? written(fenced.filter((entry) => entry !== instance)) : undefined;
}

function written(names: readonly string[]): { readonly value: string | null } {
  return { value: names.length === 0 ? null : JSON.stringify([...names].sort()) };
}

function readFenced(cluster: Cluster): readonly string[] {
  const text = cluster.metadata.annotations?.[annotations.fencedInstances];
  if (text === undefined || text === '') return [];
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((entry) => typeof entry === 'string')) return names;
  } catch {
    // Told below, with what was found.
  }
  throw new CommandError(
    `annotation ${annotations.fencedInstances} is ${text}; it must be a JSON array of instance names, such as ["c-1"]`,
  );
}
