import { annotations, clusterPhases } from '@matriarch/api';
import { resources } from '@matriarch/kubernetes';
import { type Connection, type ConnectionFlags, connect } from '../connection.ts';
import { clusters } from '../resources.ts';
import { changeStatus } from './change-status.ts';
import { type Condition, notReady, seconds } from './conditions.ts';
import { instanceName, requireInstance } from './instance-name.ts';

/** `restart CLUSTER [INSTANCE]`: restarts all instances one after another, or one. */
export async function restart(name: string, argument: string | undefined, flags: ConnectionFlags): Promise<void> {
  const connection = connect(flags);
  try {
    console.log(
      await (argument === undefined
        ? restartAll(connection, name)
        : restartInstance(connection, name, instanceName(name, argument))),
    );
  } finally {
    connection.client.close();
  }
}

async function restartAll({ client, namespace }: Connection, name: string): Promise<string> {
  const body = { metadata: { annotations: { [annotations.restartedAt]: seconds(new Date()) } } };
  await client.patch(clusters, { name, namespace }, { type: 'merge', body });
  return `${name} restarted`;
}

/** The primary is restarted where it is; the pod of a standby is made anew. */
async function restartInstance(connection: Connection, name: string, instance: string): Promise<string> {
  const { client, namespace } = connection;
  const message = `instance ${instance} restarted`;
  return changeStatus(connection, name, async (cluster) => {
    requireInstance(cluster, instance);
    if (instance === cluster.status?.currentPrimary)
      return { status: restartStatus(cluster.status.conditions ?? [], new Date()), message };
    const pod = await client.get(resources.pods, { name: instance, namespace });
    const uid = pod.metadata?.uid;
    await client.delete(
      resources.pods,
      { name: instance, namespace },
      uid === undefined ? {} : { preconditions: { uid } },
    );
    return { message };
  });
}

/** The fields of the status by which the manager of the primary is asked to restart PostgreSQL. */
export function restartStatus(conditions: readonly Condition[], now: Date) {
  return {
    phase: clusterPhases.inplacePrimaryRestart,
    phaseReason: 'Requested by the user',
    conditions: notReady(conditions, now),
  };
}
