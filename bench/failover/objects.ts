import { type Client, type ObjectKey, resources } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { clusters } from '../../tests/e2e/support/own-client.ts';
import { until } from '../../tests/e2e/support/until.ts';
import type { Address, Login } from './client.ts';

export const namespace = 'default';
export const clusterName = 'c';
export const healMs = 180_000;
const operatorNamespace = 'cnpg-system';

export interface ClusterStatus {
  readonly phase?: string;
  readonly phaseReason?: string;
  readonly currentPrimary?: string;
  readonly targetPrimary?: string;
  readonly readyInstances?: number;
}

/** The objects of the cluster under test. */
export interface Objects {
  status(): Promise<ClusterStatus>;
  pods(): Promise<Pod[]>;
  addressOf(pod: string): Promise<Address>;
  nodeOf(pod: string): Promise<string>;
  operatorPod(): Promise<Pod>;
  /** Deletes a pod and waits for its successor. */
  replacePod(pod: string): Promise<void>;
  /** The same for the operator's pod, until it is ready. */
  replaceOperator(): Promise<void>;
  annotateCluster(annotations: Record<string, string>): Promise<void>;
  annotateNode(node: string, annotations: Record<string, string | null>): Promise<void>;
  login(): Promise<Login>;
  /** Of the Service -rw. */
  writeAddress(): Promise<Address>;
}

export function objectsOf(client: Client): Objects {
  const list = async (labelSelector: string, inNamespace: string) =>
    (await client.list(resources.pods, { namespace: inNamespace, labelSelector })).items;
  const get = (pod: string) => client.get(resources.pods, { namespace, name: pod });
  const operatorPod = async () => {
    const [pod] = await list('app.kubernetes.io/name=cloudnative-pg', operatorNamespace);
    if (pod === undefined) throw new Error('the operator has no pod');
    return pod;
  };
  const cluster: ObjectKey = { namespace, name: clusterName };
  return {
    status: async () => ((await client.get(clusters, cluster)).status ?? {}) as ClusterStatus,
    pods: () => list(`cnpg.io/cluster=${clusterName},cnpg.io/podRole=instance`, namespace),
    addressOf: async (pod) => ({ host: (await get(pod)).status?.podIP ?? '', port: 5432 }),
    nodeOf: async (pod) => (await get(pod)).spec?.nodeName ?? '',
    operatorPod,
    replacePod: async (pod) => {
      const { metadata } = await get(pod);
      await client.delete(resources.pods, { namespace, name: pod });
      await until(`${pod} is made again`, healMs, async () => (await get(pod)).metadata?.uid !== metadata?.uid);
    },
    replaceOperator: async () => {
      const { metadata } = await operatorPod();
      await client.delete(resources.pods, { namespace: operatorNamespace, name: metadata?.name ?? '' });
      await until('the operator is ready again', healMs, async () => {
        const next = await operatorPod();
        return next.metadata?.uid !== metadata?.uid && isReady(next);
      });
    },
    annotateCluster: async (annotations) => {
      await client.patch(clusters, cluster, { type: 'merge', body: { metadata: { annotations } } });
    },
    annotateNode: async (node, annotations) => {
      await client.patch(resources.nodes, { name: node }, { type: 'merge', body: { metadata: { annotations } } });
    },
    login: async () => {
      const secret = await client.get(resources.secrets, { namespace, name: `${clusterName}-superuser` });
      const password = Buffer.from(secret.data?.password ?? '', 'base64').toString();
      return { user: 'postgres', password, database: 'postgres' };
    },
    writeAddress: async () => {
      const service = await client.get(resources.services, { namespace, name: `${clusterName}-rw` });
      return { host: service.spec?.clusterIP ?? '', port: 5432 };
    },
  };
}

const isReady = ({ status }: Pod) =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
