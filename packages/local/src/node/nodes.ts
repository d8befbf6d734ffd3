/** All virtual nodes of the cluster. */
import type { PersistentVolume, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Api } from '../runtime/api.ts';
import type { Caches } from '../runtime/cache.ts';
import { createRecorder } from '../runtime/events.ts';
import {
  CONFIG_MAPS,
  type Key,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  SECRETS,
  type Stored,
} from '../runtime/resources.ts';
import type { Clock } from '../runtime/time.ts';
import { cidrOf, createAddressPool, nodeAddress, nodeRange } from './addresses.ts';
import type { NodeContext } from './context.ts';
import type { HostUsers } from './identity.ts';
import type { ImageCatalogue } from './image.ts';
import { createKubelet, type Kubelet } from './kubelet.ts';
import type { Layout } from './layout.ts';
import { keptPods } from './leftovers.ts';
import { machineCapacity, type NodeDescription, registerNode } from './node-object.ts';
import type { PodRunner } from './pod-runner.ts';
import { createSilence, isSilent } from './silence.ts';
import { createTurns } from './turns.ts';

export interface NodesOptions {
  readonly nodes: readonly NodeDescription[];
  readonly api: Api;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly layout: Layout;
  readonly users: HostUsers;
  readonly images: ImageCatalogue;
  readonly serviceCidr: string;
  readonly apiServer: { readonly host: string; readonly port: number };
  readonly log: (line: string) => void;
  volumePath(volume: Stored<PersistentVolume>): string | undefined;
}

export interface Nodes {
  /** The pod as it runs here; undefined when it does not. */
  runner(key: Key): PodRunner | undefined;
  setDown(name: string): Promise<void>;
  setUp(name: string): Promise<void>;
  shutdown(graceMs: number): Promise<void>;
}

export async function startNodes(options: NodesOptions): Promise<Nodes> {
  const { api, caches, clock, layout, log } = options;
  const pods = caches.of(PODS);
  const secrets = caches.of(SECRETS);
  const configMaps = caches.of(CONFIG_MAPS);
  const claims = caches.of(PERSISTENT_VOLUME_CLAIMS);
  const volumes = caches.of(PERSISTENT_VOLUMES);

  const uids = new Set(pods.list().map(({ metadata }) => metadata.uid));
  const kept = keptPods(layout, (uid) => uids.has(uid));
  const turns = createTurns();
  const kubelets = new Map<string, Kubelet>();
  const register = new Map<string, () => Promise<void>>();
  for (const [index, description] of options.nodes.entries()) {
    const { name } = description;
    const range = nodeRange(index, options.nodes.length, options.serviceCidr);
    const addresses = createAddressPool(range, layout.pods);
    for (const { node, ip } of kept) if (node === name) addresses.reserve(ip);
    const nodeIP = nodeAddress(range);
    const silence = createSilence();
    const context: NodeContext = {
      nodeName: name,
      nodeIP,
      api: api.as('kubelet'),
      events: createRecorder({ api: api.as('kubelet'), component: 'kubelet', host: name, clock, log }),
      clock,
      layout,
      users: options.users,
      turns,
      silence,
      addresses,
      images: options.images,
      secrets,
      configMaps,
      claims,
      volumes,
      apiServer: options.apiServer,
      hostPath: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
      machine: machineCapacity(),
      log,
      volumePath: options.volumePath,
    };
    const registration = () => registerNode(context.api, description, nodeIP, cidrOf(range), clock);
    kubelets.set(name, createKubelet(context, pods, silence, registration));
    register.set(name, registration);
  }

  pods.onChange(({ object, previous }) => {
    const names = new Set([object?.spec?.nodeName, previous?.spec?.nodeName]);
    for (const name of names) if (name !== undefined) kubelets.get(name)?.podChanged(object, previous);
  });
  caches.of(NODES).onChange(({ object, key }) => kubelets.get(key.name)?.setSilent(isSilent(object)));
  const tell = (kind: 'secret' | 'configMap') => (change: { key: Key }) => {
    for (const kubelet of kubelets.values()) kubelet.sourceChanged(kind, change.key.namespace, change.key.name);
  };
  secrets.onChange(tell('secret'));
  configMaps.onChange(tell('configMap'));

  const setUp = async (name: string) => {
    const kubelet = kubelets.get(name);
    if (!kubelet) throw new Error(`no node "${name}": the nodes are ${[...kubelets.keys()].join(', ')}`);
    await register.get(name)?.();
    kubelet.up();
  };
  await Promise.all([...kubelets.keys()].map(setUp));

  return {
    setUp,
    setDown: async (name) => {
      const kubelet = kubelets.get(name);
      if (!kubelet) throw new Error(`no node "${name}": the nodes are ${[...kubelets.keys()].join(', ')}`);
      await kubelet.down();
    },
    runner: (key) => {
      const pod: Stored<Pod> | undefined = pods.get(key);
      return pod && kubelets.get(pod.spec?.nodeName ?? '')?.runner(pod.metadata.uid);
    },
    shutdown: async (graceMs) => {
      await Promise.all([...kubelets.values()].map((kubelet) => kubelet.shutdown(graceMs)));
    },
  };
}
