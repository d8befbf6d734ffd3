import type { Cluster } from '@matriarch/api';
import { isConflict } from '@matriarch/kubernetes';
import type { Connection } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { clusters } from '../resources.ts';

/** Conflicts with other writers of the status that are tried again. */
const maxAttempts = 10;

/** What a look at a cluster leads to: a change of its status, or only something to say. */
export interface StatusChange {
  readonly status?: object;
  readonly message: string;
}

/**
 * Changes the status of a cluster as it is at that moment: `decide` is asked again when somebody else was faster.
 * Resolves to the message of the decision that was carried out.
 */
export async function changeStatus(
  { client, namespace }: Connection,
  name: string,
  decide: (cluster: Cluster) => StatusChange | Promise<StatusChange>,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const cluster = await client.get(clusters, { name, namespace });
    const { status, message } = await decide(cluster);
    if (status === undefined) return message;
    const { resourceVersion } = cluster.metadata;
    try {
      const patch = { type: 'merge', body: { metadata: { resourceVersion }, status } } as const;
      await client.patch(clusters, { name, namespace }, patch, { subresource: 'status' });
      return message;
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
