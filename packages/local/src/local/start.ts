/**
 * The embedded cluster: API server, controllers, scheduler, nodes and network in one process.
 *
 * Order at start: lock, end of what a former life left running, API server, controllers, nodes, network. At the end: no new pods
 * (scheduler and controllers first), then the pods, which may still talk to the API server, then everything else.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PodIdentityOptions } from '../apiserver/admission/index.ts';
import type { ApiServer } from '../apiserver/server.ts';
import { startApiServer } from '../apiserver/start.ts';
import { startControllers } from '../controllers/manager.ts';
import { startNetwork } from '../network/network.ts';
import { nodeAddress, nodeNetwork } from '../node/addresses.ts';
import { writeDurably } from '../node/container-process.ts';
import { readHostUsers } from '../node/identity.ts';
import type { ImageCatalogue } from '../node/image.ts';
import { prepareLayout } from '../node/layout.ts';
import { endLeftovers } from '../node/leftovers.ts';
import type { NodeDescription } from '../node/node-object.ts';
import { startNodes } from '../node/nodes.ts';
import { createCaches } from '../runtime/cache.ts';
import { createApi } from '../runtime/client-api.ts';
import { systemClock } from '../runtime/time.ts';
import { startScheduler } from '../scheduler/scheduler.ts';
import { createStreaming } from '../streaming/backend.ts';
import { createProvisioner } from '../volumes/provisioner.ts';
import { createApiService, createStorageClass, firstAddress } from './defaults.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { takeLock } from './lock.ts';

export interface LocalOptions {
  /** Everything the cluster keeps. */
  readonly stateDir: string;
  /** Address of the API server. */
  readonly host?: string;
  /** 0: the one of last time when it is free, else any. */
  readonly port?: number;
  readonly nodes: readonly NodeDescription[];
  readonly images: ImageCatalogue;
  /** Addresses of Services, within 127.0.0.0/8. */
  readonly serviceCidr?: string;
  /** Identity of pods in a cloud account, by their service account. */
  readonly podIdentity?: PodIdentityOptions;
  readonly log: (line: string) => void;
}

export interface LocalCluster {
  readonly kubeconfigPath: string;
  readonly url: string;
  readonly server: ApiServer;
  /** As when a machine loses power: its processes die, its heartbeat stops. */
  setNodeDown(name: string): Promise<void>;
  setNodeUp(name: string): Promise<void>;
  /** Ends all pods, within the grace, and the cluster. Everything is there again at the next start. */
  close(options?: { readonly graceSeconds?: number }): Promise<void>;
}

const DEFAULT_GRACE_SECONDS = 10;

export async function startLocal(options: LocalOptions): Promise<LocalCluster> {
  const { stateDir, host = '127.0.0.1', serviceCidr = '127.96.0.0/16', log } = options;
  const users = readHostUsers();
  const layout = prepareLayout(stateDir);
  const releaseLock = takeLock(stateDir);
  const undo: (() => unknown)[] = [releaseLock];
  try {
    await endLeftovers(layout);
    const server = await startApiServer({
      stateFolder: stateDir,
      serviceCidr,
      loopbackAllowed: true,
      names: [host],
      log: (message, details) => log(`${message} ${JSON.stringify(details)}`),
      ...(options.podIdentity ? { podIdentity: options.podIdentity } : {}),
    });
    undo.push(() => server.close());
    const port = await listen(server, stateDir, host, options.port ?? 0);
    const url = `https://${host}:${port}`;
    const admin = await server.authority.client('kubernetes-admin', ['system:masters']);
    const kubeconfigPath = writeKubeconfig(stateDir, { url, caCertificate: server.authority.cert, admin });

    const api = createApi(server);
    const caches = createCaches(api);
    undo.push(() => caches.stop());
    const provisioner = createProvisioner(layout.volumes);
    await createStorageClass(api);
    await createApiService(api.as('kube-apiserver'), host, port, firstAddress(serviceCidr));
    const common = { api, caches, clock: systemClock, log };
    const controllers = startControllers({
      ...common,
      caCertificate: server.authority.cert,
      universe: { api, registry: server.core.registry },
      provisioner,
    });
    undo.push(() => controllers.stop());
    const nodes = await startNodes({
      ...common,
      nodes: options.nodes,
      layout,
      users,
      images: options.images,
      serviceCidr,
      apiServer: { host, port },
      volumePath: provisioner.path,
    });
    undo.push(() => nodes.shutdown(0));
    const nodeIPs = options.nodes.map((_node, index) => nodeAddress(nodeNetwork(index, serviceCidr)));
    const network = startNetwork({
      caches,
      hostsFile: layout.hostsFile,
      nodeIPs: [host, ...nodeIPs],
      lowPorts: users.root,
      log,
    });
    undo.push(() => network.stop());
    const scheduler = startScheduler(common);
    undo.push(() => scheduler.stop());
    server.setStreaming(createStreaming({ nodes, caches, log }));

    let closing: Promise<void> | undefined;
    const close = async (graceSeconds: number) => {
      await scheduler.stop();
      await controllers.stop();
      await nodes.shutdown(graceSeconds * 1000);
      network.stop();
      caches.stop();
      await server.close();
      rmSync(layout.sandboxes, { recursive: true, force: true });
      releaseLock();
    };
    return {
      kubeconfigPath,
      url,
      server,
      setNodeDown: nodes.setDown,
      setNodeUp: nodes.setUp,
      close: ({ graceSeconds = DEFAULT_GRACE_SECONDS } = {}) => {
        closing ??= close(graceSeconds);
        return closing;
      },
    };
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

/** Listens where it did last time when nothing else is asked for, so that open tools find the cluster again. */
async function listen(server: ApiServer, stateDir: string, host: string, port: number): Promise<number> {
  const file = join(stateDir, 'port');
  const last = port === 0 ? lastPort(file) : port;
  let address: { port: number };
  try {
    address = await server.listen(host, last);
  } catch (error) {
    if (port !== 0 || last === 0) throw error;
    address = await server.listen(host, 0);
  }
  writeDurably(file, String(address.port));
  return address.port;
}

function lastPort(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}
