import { clusterPhases, conditionMessages, conditionReasons, conditionTypes } from '@matriarch/api';
import { isConflict, resources } from '@matriarch/kubernetes';
import { type Connection, type ConnectionFlags, connect } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { clusters } from '../resources.ts';

/** Conflicts with other writers of the status that are tried again. */
const maxAttempts = 10;

/** An instance argument: a number is the serial of one of the cluster's instances, anything else a pod's name. */
export function instanceName(cluster: string, argument: string): string {
  return /^\d+$/.test(argument) ? `${cluster}-${Number(argument)}` : argument;
}

/** `promote CLUSTER INSTANCE`: asks for a switchover to an instance. */
export async function promote(name: string, argument: string, flags: ConnectionFlags): Promise<void> {
  const connection = connect(flags);
  try {
    console.log(await requestSwitchover(connection, name, instanceName(name, argument)));
  } finally {
    connection.client.close();
  }
}

async function requestSwitchover({ client, namespace }: Connection, name: string, instance: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const cluster = await client.get(clusters, { name, namespace });
    if (cluster.status?.targetPrimary === instance) {
      return `${instance} is already the primary node in the cluster`;
    }
    await client.get(resources.pods, { name: instance, namespace });
    const { resourceVersion } = cluster.metadata;
    const status = switchoverStatus(cluster.status?.conditions ?? [], instance, new Date());
    try {
      const patch = { type: 'merge', body: { metadata: { resourceVersion }, status } } as const;
      await client.patch(clusters, { name, namespace }, patch, { subresource: 'status' });
      return `Node ${instance} in cluster ${name} will be promoted`;
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attempt === maxAttempts) {
        throw new CommandError(`the status of cluster ${name} changed ${maxAttempts} times under way; try again`, {
          cause: error,
        });
      }
    }
  }
}

interface Condition {
  type: string;
  status: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

/** The fields of the status that ask for a switchover. */
export function switchoverStatus(conditions: readonly Condition[], instance: string, now: Date) {
  const ready: Condition = {
    type: conditionTypes.ready,
    status: 'False',
    lastTransitionTime: `${now.toISOString().slice(0, 19)}Z`,
    reason: conditionReasons.clusterIsNotReady,
    message: conditionMessages.clusterIsNotReady,
  };
  return {
    targetPrimary: instance,
    targetPrimaryTimestamp: now.toISOString().replace('Z', '000Z'),
    phase: clusterPhases.switchover,
    phaseReason: `Switching over to ${instance}`,
    conditions: [...conditions.filter(({ type }) => type !== ready.type), ready],
  };
}
