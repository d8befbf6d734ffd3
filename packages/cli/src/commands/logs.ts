import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { labels } from '@matriarch/api';
import { type Client, lines, resources } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { type ConnectionFlags, connect } from '../connection.ts';
import { clusters } from '../resources.ts';

export interface LogsFlags extends ConnectionFlags {
  follow: boolean;
  output?: string;
  tail: string;
  timestamps: boolean;
}

/** How often a followed cluster is looked at for new or restarted containers. */
const lookAgainMs = 1000;

/** `logs cluster CLUSTER`: the log lines of all running containers of a cluster, as they come. */
export async function logsCluster(name: string, flags: LogsFlags): Promise<void> {
  const { client, namespace } = connect(flags);
  const output = flags.output !== undefined && !flags.follow ? createWriteStream(flags.output) : process.stdout;
  try {
    await client.get(clusters, { name, namespace });
    await readAll(client, namespace, name, flags, output);
    if (output !== process.stdout) {
      output.end();
      await once(output, 'finish');
      console.log(`Successfully written logs to "${flags.output}"`);
    }
  } finally {
    client.close();
  }
}

async function readAll(client: Client, namespace: string, name: string, flags: LogsFlags, output: Writable) {
  const since = flags.timestamps ? new Date() : undefined;
  const followed = new Map<string, Promise<void>>();
  const seen = new Set<string>();
  for (;;) {
    const pods = await client.list(resources.pods, { namespace, labelSelector: `${labels.cluster}=${name}` });
    if (pods.items.length === 0) {
      if (seen.size === 0) console.error(`cluster ${name} has no pods now`);
      break;
    }
    for (const { id, path } of pods.items.flatMap((pod) => containerLogs(namespace, pod, flags, since))) {
      if (seen.has(id)) continue;
      seen.add(id);
      followed.set(id, copy(client, path, output));
    }
    if (!flags.follow) break;
    await delay(lookAgainMs);
  }
  await Promise.all(followed.values());
}

function containerLogs(namespace: string, pod: Pod, flags: LogsFlags, since: Date | undefined) {
  const running = pod.status?.containerStatuses?.filter(({ state }) => state?.running !== undefined) ?? [];
  return running.map(({ name, containerID = name }) => {
    const query = new URLSearchParams({ container: name });
    if (flags.follow) query.set('follow', 'true');
    if (Number(flags.tail) >= 0) query.set('tailLines', flags.tail);
    if (flags.timestamps) query.set('timestamps', 'true');
    if (since !== undefined) query.set('sinceTime', since.toISOString());
    const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata?.name}/log?${query}`;
    return { id: `${pod.metadata?.name}/${containerID}`, path };
  });
}

/** Copies whole lines; a stream that breaks is told on stderr and ends none of the others. */
async function copy(client: Client, path: string, output: Writable): Promise<void> {
  try {
    for await (const line of lines(client.stream(path))) {
      if (!output.write(`${line}\n`)) await once(output, 'drain');
    }
  } catch (error) {
    console.error(`log stream ended: ${error instanceof Error ? error.message : String(error)}`);
  }
}
