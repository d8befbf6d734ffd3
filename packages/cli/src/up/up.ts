import { join } from 'node:path';
import { type Client, createClient, loadKubeconfig } from '@matriarch/kubernetes';
import {
  dataDirectory,
  type LocalCluster,
  lockStateDirectory,
  StateDirectoryInUse,
  type StateLock,
  startLocal,
} from '@matriarch/local';
import { operatorImage } from '@matriarch/operator';
import { CommandError } from '../errors.ts';
import { painter } from '../output/colour.ts';
import { collect } from '../status/collect.ts';
import { createView } from '../status/model.ts';
import { renderStatus } from '../status/render.ts';
import { clusterHealthy, createExample, exampleCluster } from './example.ts';
import { hints } from './hints.ts';
import { createImageCatalogue } from './images.ts';
import { installOperator, operatorReady } from './install.ts';
import { type Network, reserveNetwork } from './network.ts';
import { parseCount, virtualNodes } from './nodes.ts';
import { type RunningStore, region, startObjectStore } from './objectstore.ts';
import { type StatePaths, stateDirectory, statePaths } from './paths.ts';
import { freePort, isFree } from './port.ts';
import { createProgress, type Progress } from './progress.ts';
import { forgetRunning, inUse, refuseSecond, writeRunning } from './running.ts';
import { reviewToken } from './token-review.ts';

export interface UpFlags {
  bare: boolean;
  detach: boolean;
  state?: string;
  nodes: string;
  port?: string;
}

const defaultPort = 6443;
/** How long pods get to end at Ctrl-C before they are killed. */
const graceSeconds = 30;

/**
 * `matriarch up`: embedded Kubernetes, operator and example cluster in the foreground, until a signal. State stays;
 * what a kill -9 left running is ended by the next start.
 */
export async function up(flags: UpFlags): Promise<void> {
  // Databases do not end because nobody reads what is printed about them.
  process.stdout.removeAllListeners('error').on('error', () => undefined);
  // As container runtimes have it: pods run as another user, and what is secret has a mode of its own.
  process.umask(0o022);
  const paths = statePaths(stateDirectory(flags.state, process.env));
  const nodes = virtualNodes(parseCount('--nodes', flags.nodes, 1, 50));
  refuseSecond(paths);
  const port = await choosePort(flags.port);
  const lock = lockState(paths);
  try {
    await writeRunning(paths, false);
    await upWithLock(flags, paths, nodes, port, lock);
  } finally {
    forgetRunning(paths);
    lock.release();
  }
}

async function upWithLock(
  flags: UpFlags,
  paths: StatePaths,
  nodes: ReturnType<typeof virtualNodes>,
  port: number,
  lock: StateLock,
): Promise<void> {
  const stop = stopSignal();
  const progress = createProgress(
    (line) => console.log(line),
    () => performance.now(),
  );
  const running = await bringUp(paths, nodes, port, lock, progress);
  try {
    const client = createClient(loadKubeconfig({ path: paths.kubeconfig }));
    try {
      await untilStopped(stop, () => serve(client, paths, flags.bare, progress, stop));
    } finally {
      client.close();
    }
    await stop.promise;
  } finally {
    console.log('Stopping ...');
    await running.cluster.close({ graceSeconds });
    await running.store.server.close();
    running.network.release();
    progress.step('stopped; all data is kept');
  }
}

async function choosePort(flag: string | undefined): Promise<number> {
  if (flag === undefined) return freePort(defaultPort);
  const port = parseCount('--port', flag, 0, 65_535);
  if (port === 0 || (await isFree(port))) return port;
  throw new CommandError(`--port ${port} is taken by another program; leave it out to take the next free one`);
}

/** Takes the state directory before anything in it is opened: of two starts at the same moment one is refused. */
function lockState(paths: StatePaths): StateLock {
  try {
    return lockStateDirectory(paths.root);
  } catch (error) {
    throw error instanceof StateDirectoryInUse ? inUse(paths, error.pid) : error;
  }
}

interface RunningParts {
  cluster: LocalCluster;
  store: RunningStore;
  network: Network;
}

async function bringUp(
  paths: StatePaths,
  nodes: ReturnType<typeof virtualNodes>,
  port: number,
  lock: StateLock,
  progress: Progress,
): Promise<RunningParts> {
  const network = await reserveNetwork(paths.root);
  let store: RunningStore | undefined;
  try {
    store = await startObjectStore(paths.objectStore, network.ownAddress, (token) =>
      reviewToken(paths.kubeconfig, token),
    );
    progress.step(`object store at ${store.url}`);
    const cluster = await startLocal({
      stateDir: paths.root,
      lock,
      host: '127.0.0.1',
      port,
      nodes,
      images: createImageCatalogue({
        runtimeReference: operatorImage,
        folder: join(dataDirectory(paths.root), 'images'),
      }),
      serviceCidr: network.serviceCidr,
      podIdentity: { region, endpointUrl: store.url },
      log: (line) => console.error(line),
    });
    progress.step(`Kubernetes at ${cluster.url}, ${nodes.length} nodes`);
    return { cluster, store, network };
  } catch (error) {
    await store?.server.close();
    network.release();
    throw error;
  }
}

/** From an empty Kubernetes to a healthy cluster and its status on the terminal. */
async function serve(client: Client, paths: StatePaths, bare: boolean, progress: Progress, stop: StopSignal) {
  await installOperator(client);
  progress.step('operator installed');
  await operatorReady(client, stop.signal);
  progress.step('operator ready');
  if (!bare) await runExample(client, progress, stop.signal);
  await writeRunning(paths, true);
  console.log(`\n${hints(paths.kubeconfig, !bare)}\n`);
}

async function runExample(client: Client, progress: Progress, signal: AbortSignal): Promise<void> {
  const { name, namespace = 'default' } = exampleCluster().metadata;
  const isNew = await createExample(client, signal);
  progress.step(`${name}: ${isNew ? 'created' : 'there from an earlier start'}`);
  await clusterHealthy(client, { name, namespace }, progress, signal);
  console.log('');
  const snapshot = await collect(client, namespace, name, { verbosity: 0, exec: true, timeoutMs: 10_000 });
  const paint = painter('auto', process.stdout.isTTY);
  process.stdout.write(renderStatus(createView(snapshot, { verbosity: 0, now: new Date(), paint })));
}

interface StopSignal {
  signal: AbortSignal;
  promise: Promise<void>;
}

/** The first SIGINT, SIGTERM or SIGHUP asks for a clean stop. */
function stopSignal(): StopSignal {
  const controller = new AbortController();
  const promise = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort());
  return { signal: controller.signal, promise };
}

/** Runs work that a stop may interrupt; its error then is no error. */
async function untilStopped(stop: StopSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}
