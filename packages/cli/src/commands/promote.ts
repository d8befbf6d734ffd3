import { clusterPhases } from '@matriarch/api';
import { resources } from '@matriarch/kubernetes';
import { type ConnectionFlags, connect } from '../connection.ts';
import { changeStatus } from './change-status.ts';
import { type Condition, notReady } from './conditions.ts';
import { instanceName, requireInstance } from './instance-name.ts';

/** `promote CLUSTER INSTANCE`: asks for a switchover to an instance. */
export async function promote(name: string, argument: string, flags: ConnectionFlags): Promise<void> {
  const connection = connect(flags);
  const { client, namespace } = connection;
  const instance = instanceName(name, argument);
  try {
    const message = await changeStatus(connection, name, async (cluster) => {
      if (cluster.status?.targetPrimary === instance)
        return { message: `${instance} is already the primary node in the cluster` };
      requireInstance(cluster, instance);
      await client.get(resources.pods, { name: instance, namespace });
      return {
        status: switchoverStatus(cluster.status?.conditions ?? [], instance, new Date()),
        message: `Node ${instance} in cluster ${name} will be promoted`,
      };
    });
    console.log(message);
  } finally {
    client.close();
  }
}

/** The fields of the status that ask for a switchover. */
export function switchoverStatus(conditions: readonly Condition[], instance: string, now: Date) {
  return {
    targetPrimary: instance,
    targetPrimaryTimestamp: now.toISOString().replace('Z', '000Z'),
    phase: clusterPhases.switchover,
    phaseReason: `Switching over to ${instance}`,
    conditions: notReady(conditions, now),
  };
}
