/** How a virtual node presents itself: its Node object and its Lease. */
import { arch, cpus, release, totalmem, type } from 'node:os';
import type { Node, NodeCondition, NodeStatus } from 'kubernetes-types/core/v1.d.ts';
import { type Api, isAlreadyExists, isNotFound, messageOf } from '../runtime/api.ts';
import { type Key, LEASES, NODES, type Stored } from '../runtime/resources.ts';
import { type Clock, microTimestamp, sleep, timestamp } from '../runtime/time.ts';
import type { Silence } from './silence.ts';

export interface NodeDescription {
  readonly name: string;
  readonly zone: string;
  readonly region: string;
}

export const KUBELET_VERSION = 'v1.32.4';
export const LEASE_SECONDS = 40;
export const LEASE_NAMESPACE = 'kube-node-lease';
const HEARTBEAT_MS = 10_000;
const MAX_PODS = 110;

/** What one node may hold. Nothing is enforced; the scheduler counts with it. */
export function machineCapacity(): Record<string, string> {
  const memory = `${Math.floor(totalmem() / 1024)}Ki`;
  // Nodes are virtual: requests written for real machines must find a place on a laptop too.
  return { cpu: String(Math.max(cpus().length, 16)), memory, 'ephemeral-storage': '100Gi', pods: String(MAX_PODS) };
}

function architecture(): string {
  return arch() === 'x64' ? 'amd64' : arch();
}

function labels({ name, zone, region }: NodeDescription): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': architecture(),
    'beta.kubernetes.io/os': process.platform,
    'failure-domain.beta.kubernetes.io/region': region,
    'failure-domain.beta.kubernetes.io/zone': zone,
    'kubernetes.io/arch': architecture(),
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': process.platform,
    'topology.kubernetes.io/region': region,
    'topology.kubernetes.io/zone': zone,
  };
}

function conditions(known: readonly NodeCondition[] | undefined, now: string): NodeCondition[] {
  const healthy: [string, string, string, string][] = [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ];
  return healthy.map(([type, status, reason, message]) => {
    const before = known?.find((condition) => condition.type === type);
    const since = before?.status === status ? (before.lastTransitionTime ?? now) : now;
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: since };
  });
}

function nodeStatus(node: Stored<Node> | undefined, name: string, ip: string, now: string): NodeStatus {
  const capacity = machineCapacity();
  return {
    capacity,
    allocatable: capacity,
    conditions: conditions(node?.status?.conditions, now),
    addresses: [
      { type: 'InternalIP', address: ip },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    nodeInfo: {
      machineID: name,
      systemUUID: name,
      bootID: now,
      kernelVersion: release(),
      osImage: type(),
      containerRuntimeVersion: 'process://1.0.0',
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: KUBELET_VERSION,
      operatingSystem: process.platform,
      architecture: architecture(),
    },
  };
}

/** Makes the Node, or brings the one of a former life up to date and ready. Labels that others gave it stay. */
export async function registerNode(api: Api, description: NodeDescription, ip: string, podCIDR: string, clock: Clock) {
  const { name } = description;
  const key = { namespace: '', name };
  const own = {
    metadata: { name, labels: labels(description) },
    spec: { podCIDR, podCIDRs: [podCIDR], providerID: `matriarch:///${description.zone}/${name}` },
  };
  let node = await api.get(NODES, key);
  if (!node) {
    node = await api.create<Node>(NODES, '', { apiVersion: 'v1', kind: 'Node', ...own });
  } else {
    const taints = (node.spec?.taints ?? []).filter(({ key: taint }) => !LIFECYCLE_TAINTS.has(taint));
    node = await api.patch(NODES, key, { ...own, spec: { ...own.spec, taints: taints.length > 0 ? taints : null } });
  }
  await api.patch(NODES, key, { status: nodeStatus(node, name, ip, timestamp(clock.now())) }, 'status');
}

const LIFECYCLE_TAINTS = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

export interface HeartbeatOptions {
  readonly api: Api;
  readonly name: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly silence: Silence;
  /** Says that the node is well, after a silence in which others may have said that it is not. */
  register(): Promise<void>;
}

/** Renews the node's Lease until the signal ends it. */
export async function heartbeat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { api, name, clock, log, silence } = options;
  const key = { namespace: LEASE_NAMESPACE, name };
  while (!signal.aborted) {
    const { silent } = silence;
    await silence.over();
    const renewTime = microTimestamp(clock.now());
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    try {
      await renewLease(api, key, spec);
      if (silent) await options.register();
    } catch (error) {
      log(`lease of node ${name} not renewed: ${messageOf(error)}`);
    }
    await sleep(HEARTBEAT_MS, signal);
  }
}

async function renewLease(api: Api, key: Key, spec: object): Promise<void> {
  try {
    await api.patch(LEASES, key, { spec });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await createLease(api, key.name, spec);
  }
}

async function createLease(api: Api, name: string, spec: object): Promise<void> {
  try {
    await api.create(LEASES, LEASE_NAMESPACE, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: LEASE_NAMESPACE },
      spec,
    });
  } catch (error) {
    if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
  }
}
