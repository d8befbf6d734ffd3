import { type Client, resources } from '@matriarch/kubernetes';
import { clusters } from '../../e2e/support/own-client.ts';

/** One instance as the API server knows it. */
export interface InstanceView {
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  readonly node: string;
  readonly ready: boolean;
}

/** What a fault and its healing are judged by; read anew all the time. */
export interface View {
  readonly phase: string;
  readonly phaseReason: string;
  readonly readyInstances: number;
  readonly currentPrimary: string;
  readonly targetPrimary: string;
  readonly instances: readonly InstanceView[];
  readonly operator: { readonly name: string; readonly ip: string; readonly node: string } | undefined;
}

interface ClusterStatus {
  phase?: string;
  phaseReason?: string;
  readyInstances?: number;
  currentPrimary?: string;
  targetPrimary?: string;
}

const lookMs = 5000;
export const namespace = 'default';

/** One look at the cluster. Rejects when the API server does not answer in time. */
export async function look(client: Client, cluster: string): Promise<View> {
  const signal = AbortSignal.timeout(lookMs);
  const own = { namespace, labelSelector: `cnpg.io/cluster=${cluster},cnpg.io/podRole=instance`, signal };
  const [object, pods, operators] = await Promise.all([
    client.get(clusters, { namespace, name: cluster }, { signal }),
    client.list(resources.pods, own),
    client.list(resources.pods, { namespace: 'cnpg-system', signal }),
  ]);
  const status: ClusterStatus = object.status ?? {};
  const operator = operators.items.find(({ status }) => status?.phase === 'Running');
  return {
    phase: status.phase ?? '',
    phaseReason: status.phaseReason ?? '',
    readyInstances: status.readyInstances ?? 0,
    currentPrimary: status.currentPrimary ?? '',
    targetPrimary: status.targetPrimary ?? '',
    instances: pods.items.map(({ metadata, spec, status }) => ({
      name: metadata?.name ?? '',
      uid: metadata?.uid ?? '',
      ip: status?.podIP ?? '',
      node: spec?.nodeName ?? '',
      ready: status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    })),
    operator: operator && {
      name: operator.metadata?.name ?? '',
      ip: operator.status?.podIP ?? '',
      node: operator.spec?.nodeName ?? '',
    },
  };
}

export const standbysOf = ({ instances, currentPrimary }: View): InstanceView[] =>
  instances.filter(({ name }) => name !== currentPrimary).sort((a, b) => a.name.localeCompare(b.name));
