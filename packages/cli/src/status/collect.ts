import type { Cluster } from '@matriarch/api';
import { labels, roles } from '@matriarch/api';
import { type Client, isNotFound, resources } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import { CommandError } from '../errors.ts';
import { clusters } from '../resources.ts';
import type { InstanceReport } from './instance-status.ts';

/** One instance: its pod, and what its manager said or why it said nothing. */
export interface Instance {
  pod: Pod;
  name: string;
  report?: InstanceReport;
  /** Reason word of the API server's refusal, e.g. `ServiceUnavailable`; may be empty. */
  failure?: { reason: string; message: string };
}

export interface Snapshot {
  cluster: Cluster;
  /** In the order of the pod list. */
  instances: Instance[];
  primaryPod: Pod | undefined;
  budgets: PodDisruptionBudget[];
  /** Output of `du` on the primary's data directory. */
  size: string | undefined;
  /** custom.conf and pg_hba.conf of the primary, at verbosity 2. */
  files: { configuration: string; hba: string } | undefined;
  errors: string[];
}

export interface CollectOptions {
  verbosity: number;
  /** Whether commands may be run in the primary pod. */
  exec: boolean;
  timeoutMs: number;
}

const pgdata = '/var/lib/postgresql/data/pgdata';

/**
 * Gathers everything that `status` shows; requests that do not need each other run at once.
 * @throws CommandError when the Cluster cannot be read.
 */
export async function collect(
  client: Client,
  namespace: string,
  name: string,
  options: CollectOptions,
): Promise<Snapshot> {
  const [cluster, pods, budgets] = await Promise.all([
    readCluster(client, namespace, name),
    client.list(resources.pods, { namespace }),
    client.list(resources.podDisruptionBudgets, { namespace, labelSelector: `${labels.cluster}=${name}` }),
  ]);
  const own = pods.items
    .filter((pod) => pod.metadata?.ownerReferences?.some((owner) => owner.kind === 'Cluster' && owner.name === name))
    .filter((pod) => pod.metadata?.labels?.[labels.podRole] === 'instance');
  const primaryPod = own.find((pod) => roleOf(pod) === roles.instance.primary);
  const errors: string[] = [];
  const [instances, size, files] = await Promise.all([
    Promise.all(own.map((pod) => readInstance(client, pod))),
    options.exec && primaryPod ? run(client, primaryPod, ['du', '-sLh', pgdata], options.timeoutMs) : undefined,
    options.exec && primaryPod && options.verbosity > 1 ? readFiles(client, primaryPod, options.timeoutMs) : undefined,
  ]);
  for (const { name: pod, failure } of instances) if (failure) errors.push(`${pod}: ${failure.message}`);
  for (const failed of [size, ...(files ?? [])]) if (failed?.error) errors.push(failed.error);
  const [configuration, hba] = files ?? [];
  return {
    cluster,
    instances,
    primaryPod,
    budgets: budgets.items,
    size: size?.output?.split('\t', 1)[0],
    files: files && { configuration: configuration?.output ?? '', hba: hba?.output ?? '' },
    errors,
  };
}

async function readCluster(client: Client, namespace: string, name: string): Promise<Cluster> {
  try {
    return await client.get(clusters, { namespace, name });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const hint = isNotFound(error) ? '; kubectl get clusters --all-namespaces lists those there are' : '';
    throw new CommandError(`cannot read cluster ${name} in namespace ${namespace}: ${said}${hint}`, { cause: error });
  }
}

/** Role label of an instance's pod, in its present or its older name. */
export function roleOf(pod: Pod): string | undefined {
  return pod.metadata?.labels?.role ?? pod.metadata?.labels?.[labels.instanceRole];
}

async function readInstance(client: Client, pod: Pod): Promise<Instance> {
  const name = pod.metadata?.name ?? '';
  const container = pod.spec?.containers.find((candidate) => candidate.name === 'postgres');
  const scheme = container?.command?.includes('--status-port-tls') ? 'https' : 'http';
  const path = `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${scheme}:${name}:8000/proxy/pg/status`;
  try {
    const answer = await client.request('GET', path, { timeoutMs: 10_000 });
    if (answer.status === 200) return { pod, name, report: JSON.parse(answer.body.toString()) as InstanceReport };
    return { pod, name, failure: refusal(answer.status, answer.body.toString()) };
  } catch (error) {
    return { pod, name, failure: { reason: '', message: error instanceof Error ? error.message : String(error) } };
  }
}

function refusal(status: number, body: string): { reason: string; message: string } {
  try {
    const { reason = '', message = body } = JSON.parse(body) as { reason?: string; message?: string };
    const hint = reason === 'Forbidden' ? ' (the permission "get" on pods/proxy is needed)' : '';
    return { reason, message: message + hint };
  } catch {
    return { reason: status === 503 ? 'ServiceUnavailable' : '', message: `HTTP ${status}: ${body.trim()}` };
  }
}

interface CommandOutput {
  output?: string;
  error?: string;
}

async function run(client: Client, pod: Pod, command: string[], timeoutMs: number): Promise<CommandOutput> {
  const { name = '', namespace = '' } = pod.metadata ?? {};
  try {
    const result = await client.exec({ name, namespace }, { container: 'postgres', command, timeoutMs });
    if (result.exitCode === 0) return { output: result.stdout };
    return { error: `${command.join(' ')} in ${name}: ${result.stderr.trim() || `exit code ${result.exitCode}`}` };
  } catch (error) {
    return { error: `${command.join(' ')} in ${name}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function readFiles(client: Client, pod: Pod, timeoutMs: number): Promise<CommandOutput[]> {
  const paths = ['custom.conf', 'pg_hba.conf'].map((file) => `${pgdata}/${file}`);
  return Promise.all(paths.map((path) => run(client, pod, ['cat', path], timeoutMs)));
}
