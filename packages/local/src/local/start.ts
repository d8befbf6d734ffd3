/**
 * The embedded cluster: API server, controllers, scheduler, nodes and network in one process.
 *
 * Order at start: lock, end of what a former life left running, API server, network, nodes, controllers, scheduler. At the end
 * the other way round: no new pods first, then the end of the pods, which may still talk to the API server, then the rest.
 */
import { rmSync } from 'node:fs';
import type { PodIdentityOptions } from '../apiserver/admission/index.ts';
import type { ApiServer } from '../apiserver/server.ts';
import { startApiServer } from '../apiserver/start.ts';
import { startControllers } from '../controllers/manager.ts';
import { startNetwork } from '../network/network.ts';
import { nodeAddress, nodeRange } from '../node/addresses.ts';
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
import { thawBelow } from '../volumes/filesystems.ts';
import { createProvisioner } from '../volumes/provisioner.ts';
import { createSizedVolumes, unmountBelow } from '../volumes/sized.ts';
import { adminToken } from './admin-token.ts';
import { createApiService, createStorageClasses, defaultAccount, firstAddress } from './defaults.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { lockStateDirectory, type StateLock } from './lock.ts';
import { listen, requireFreePort } from './port.ts';

export interface LocalOptions {
  /** Everything the cluster keeps. */
  readonly stateDir: string;
  /** Address of the API server. */
  readonly host?: string;
  /** This very port. 0 or absent: the one of last time when it is free, else any. */
  readonly port?: number;
  readonly nodes: readonly NodeDescription[];
  readonly images: ImageCatalogue;
  /**
   * Addresses of Services, within 127.0.0.0/8. With the lower half of a /16, as in 127.20.0.0/17, nodes and pods take the
   * upper one, so that several clusters of one machine keep apart.
   */
  readonly serviceCidr?: string;
  /** The state directory's lock when the caller has taken it, who then also gives it back. */
  readonly lock?: StateLock;
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
/** Below the networks that `matriarch up` gives out. */
const DEFAULT_SERVICES = '127.15.0.0/17';

/** Steps of the end, in the order of the start; they are taken from the last to the first. */
type Closers = ((graceMs: number) => unknown)[];

/**
 * @throws PortUnavailable, before anything is changed, when the port that was asked for is not free.
 * @throws StateDirectoryInUse when another process runs on the state directory.
 */
export async function startLocal(options: LocalOptions): Promise<LocalCluster> {
  const { stateDir, host = '127.0.0.1', port = 0 } = options;
  if (port !== 0) await requireFreePort(host, port);
  const closers: Closers = [];
  let closing: Promise<void> | undefined;
  const takeDown = async (graceMs: number) => {
    const failures: unknown[] = [];
    for (const closer of closers.toReversed()) {
      try {
        await closer(graceMs);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const lock = options.lock ?? lockStateDirectory(stateDir);
    if (options.lock === undefined) closers.push(() => lock.release());
    const parts = await assemble(options, host, port, closers);
    return {
      ...parts,
      close: ({ graceSeconds = DEFAULT_GRACE_SECONDS } = {}) => {
        closing ??= takeDown(graceSeconds * 1000);
        return closing;
      },
    };
  } catch (error) {
    await takeDown(0);
    throw error;
  }
}

async function assemble(
  options: LocalOptions,
  host: string,
  port: number,
  closers: Closers,
): Promise<Omit<LocalCluster, 'close'>> {
  const { serviceCidr = DEFAULT_SERVICES, nodes: descriptions, log } = options;
  const users = readHostUsers();
  const layout = prepareLayout(options.stateDir);
  closers.push(() => rmSync(layout.sandboxes, { recursive: true, force: true }));
  await thawBelow(layout.volumes);
  await endLeftovers(layout);
  const sized = createSizedVolumes(layout.volumes, log);
  closers.push(() => unmountBelow(layout.volumes));
  await sized.mountAll();
  const { server, url, address, kubeconfigPath } = await startServer(options, host, port, serviceCidr, closers);

  const api = createApi(server);
  const caches = createCaches(api);
  closers.push(() => caches.stop());
  const provisioner = createProvisioner(layout.volumes, sized);
  await createStorageClasses(api);
  await createApiService(api.as('kube-apiserver'), host, address.port, firstAddress(serviceCidr));
  const common = { api, caches, clock: systemClock, log };
  const nodeIPs = descriptions.map((_node, index, all) => nodeAddress(nodeRange(index, all.length, serviceCidr)));
  const network = startNetwork({ ...common, hostsFile: layout.hostsFile, nodeIPs: [host, ...nodeIPs] });
  closers.push(() => network.stop());
  const nodes = await startNodes({
    ...common,
    nodes: descriptions,
    layout,
    users,
    images: options.images,
    serviceCidr,
    apiServer: address,
    volumePath: provisioner.usablePath,
  });
  closers.push((graceMs) => nodes.shutdown(graceMs));
  const controllers = startControllers({
    ...common,
    caCertificate: server.authority.cert,
    universe: { api, registry: server.core.registry },
    provisioner,
  });
  closers.push(() => controllers.stop());
  await defaultAccount(caches);
  const scheduler = startScheduler(common);
  closers.push(() => scheduler.stop());
  server.setStreaming(createStreaming({ nodes, caches, log }));
  return { kubeconfigPath, url, server, setNodeDown: nodes.setDown, setNodeUp: nodes.setUp };
}

async function startServer(
  options: LocalOptions,
  host: string,
  port: number,
  serviceCidr: string,
  closers: Closers,
): Promise<{ server: ApiServer; url: string; address: { host: string; port: number }; kubeconfigPath: string }> {
  const { stateDir, podIdentity, log } = options;
  const token = adminToken(stateDir);
  const server = await startApiServer({
    stateFolder: stateDir,
    serviceCidr,
    loopbackAllowed: true,
    adminToken: token,
    names: [host],
    log: (message, details) => log(`${message} ${JSON.stringify(details)}`),
    ...(podIdentity ? { podIdentity } : {}),
  });
  closers.push(() => server.close());
  const address = { host, port: await listen(server, stateDir, host, port) };
  const url = `https://${host}:${address.port}`;
  const kubeconfigPath = writeKubeconfig(stateDir, { url, caCertificate: server.authority.cert, token });
  return { server, url, address, kubeconfigPath };
}
