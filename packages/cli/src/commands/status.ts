import { type ConnectionFlags, connect } from '../connection.ts';
import type { ColourMode } from '../output/colour.ts';
import { painter } from '../output/colour.ts';
import { structured } from '../output/structured.ts';
import { collect, type Snapshot } from '../status/collect.ts';
import { createView } from '../status/model.ts';
import { renderStatus } from '../status/render.ts';
import { parseDuration } from './duration.ts';

export interface StatusFlags extends ConnectionFlags {
  verbose: number;
  output: string;
  timeout: string;
  color: ColourMode;
}

/** `status CLUSTER`: shows one cluster; succeeds whenever the Cluster object could be read. */
export async function status(name: string, flags: StatusFlags): Promise<void> {
  const timeoutMs = parseDuration('--timeout', flags.timeout);
  const { client, namespace } = connect(flags);
  try {
    const text = flags.output === 'text';
    const snapshot = await collect(client, namespace, name, { verbosity: flags.verbose, exec: text, timeoutMs });
    if (flags.output === 'json' || flags.output === 'yaml') {
      process.stdout.write(structured(flags.output, machineReadable(snapshot)));
    } else if (text) {
      const paint = painter(flags.color, process.stdout.isTTY);
      process.stdout.write(renderStatus(createView(snapshot, { verbosity: flags.verbose, now: new Date(), paint })));
    }
  } finally {
    client.close();
  }
}

function machineReadable({ cluster, instances, primaryPod, budgets, errors }: Snapshot) {
  const items = instances.map(({ pod, report }) => ({
    ...report,
    node: pod.spec?.nodeName ?? '',
    pod,
    isPodReady:
      pod.status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
  }));
  return {
    cluster,
    instanceStatus: { items: items.length > 0 ? items : null },
    PrimaryPod: primaryPod ?? { metadata: {}, spec: { containers: null }, status: {} },
    PodDisruptionBudgetList: { metadata: {}, items: budgets },
    ErrorList: errors.length > 0 ? errors : null,
    TotalClusterSize: '',
  };
}
