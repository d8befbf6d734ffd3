import assert from 'node:assert/strict';
import { type ClusterUnderTest, clusterUnderTest } from '../../faults/support.ts';
import { type Kubectl, kubectlFor } from './kubectl.ts';
import { clusterManifest, manifestFile } from './manifests.ts';
import { type Matriarch, startMatriarch } from './matriarch.ts';
import { until } from './until.ts';

/** How long anything may take on a loaded machine. */
export const limitMs = 120_000;
const creationMs = 180_000;

/** A running system, and what scenarios do with the clusters on it. */
export interface Scenario {
  readonly matriarch: Matriarch;
  readonly kubectl: Kubectl;
  /** Creates a cluster of small volumes with superuser access and 1000 rows; resolves when it is healthy. */
  create(name: string, spec: { instances: number; [field: string]: unknown }): Promise<RunningCluster>;
  end(): Promise<void>;
}

/** One cluster on it. */
export interface RunningCluster extends ClusterUnderTest {
  /** Lays a part of the spec over the present one. */
  change(spec: object): Promise<unknown>;
  annotate(...texts: string[]): Promise<unknown>;
  /** A part of the Cluster, as JSONPath such as `.status.phase`. */
  get(path: string): Promise<string>;
  instances(): Promise<string[]>;
  /** A part of the pod of an instance. */
  pod(name: string, path: string): Promise<string>;
  /** Identities of the pods, by instance. */
  pods(): Promise<Map<string, string>>;
  /** Waits until the Cluster has a phase. */
  phase(expected: string): Promise<void>;
  /** Waits until an event of the Cluster matches. */
  event(reason: string, message: RegExp): Promise<void>;
  /** Waits until a setting has a value on all of these instances. */
  setting(name: string, value: string, pods?: readonly string[]): Promise<void>;
  /** Waits until the cluster is healed, and looks whether all rows are there. */
  intact(instances?: number): Promise<void>;
}

export async function startScenario(args: readonly string[] = []): Promise<Scenario> {
  const matriarch = await startMatriarch({ args: ['--port', '0', ...args] });
  const kubectl = kubectlFor(matriarch);
  return {
    matriarch,
    kubectl,
    async create(name, spec) {
      const manifest = clusterManifest(name, { enableSuperuserAccess: true, ...spec });
      await kubectl('create', '-f', await manifestFile(matriarch, manifest));
      await until(`the secret of the superuser of ${name}`, limitMs, async () => {
        return (await kubectl('get', 'secret', `${name}-superuser`, '-o', 'name')) !== '';
      });
      const cluster = await runningCluster(kubectl, name, spec.instances);
      await cluster.healed('created', creationMs);
      await cluster.onPod(`${name}-1`, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
      return cluster;
    },
    async end() {
      await matriarch.stop();
      await matriarch.remove();
    },
  };
}

async function runningCluster(kubectl: Kubectl, name: string, size: number): Promise<RunningCluster> {
  const cluster = await clusterUnderTest(kubectl, name, size);
  const get = (path: string) => kubectl('get', 'cluster', name, '-o', `jsonpath={${path}}`);
  const pod = (instance: string, path: string) => kubectl('get', 'pod', instance, '-o', `jsonpath={${path}}`);
  const instances = async () => (await get('.status.instanceNames[*]')).split(' ');
  const valueOn = async (instance: string, setting: string) =>
    (await cluster.onPod(instance, `SELECT current_setting('${setting}') AS value`))[0]?.value;
  return {
    ...cluster,
    change: (spec) => kubectl('patch', 'cluster', name, '--type=merge', '-p', JSON.stringify({ spec })),
    annotate: (...texts) => kubectl('annotate', '--overwrite', 'cluster', name, ...texts),
    get,
    instances,
    pod,
    async pods() {
      const selector = `cnpg.io/cluster=${name},cnpg.io/podRole=instance`;
      const path = '{range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}';
      const lines = (await kubectl('get', 'pods', '-l', selector, '-o', `jsonpath=${path}`)).trim().split('\n');
      return new Map(lines.filter((line) => line !== '').map((line) => line.split(' ') as [string, string]));
    },
    phase: (expected) =>
      until(`phase "${expected}"`, limitMs, async () => {
        const phase = await get('.status.phase');
        if (phase !== expected) throw new Error(phase);
        return true;
      }),
    event: (reason, message) =>
      until(`event ${reason} ${message}`, limitMs, async () => {
        const path = 'jsonpath={range .items[*]}{.message}{"\\n"}{end}';
        const selector = `reason=${reason},involvedObject.name=${name}`;
        const found = await kubectl('get', 'events', '--field-selector', selector, '-o', path);
        if (!found.split('\n').some((line) => message.test(line))) throw new Error(found);
        return true;
      }),
    setting: (setting, value, pods) =>
      until(`${setting} is ${value}`, limitMs, async () => {
        const found = await Promise.all((pods ?? (await instances())).map((instance) => valueOn(instance, setting)));
        if (found.some((entry) => entry !== value)) throw new Error(found.join(', '));
        return true;
      }),
    async intact(count = size) {
      const current = count === size ? cluster : await clusterUnderTest(kubectl, name, count);
      await current.healed('after the change', limitMs);
      const [row] = await cluster.onPod(await cluster.primary(), 'SELECT count(*)::int AS count FROM kept');
      assert.equal(row?.count, 1000);
    },
  };
}
