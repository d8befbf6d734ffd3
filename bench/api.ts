// Round trips of stock kubectl and of the plugin against a running three-instance cluster, and 1,000 objects created and
// watched back by 10 watchers. Usage: node bench/api.ts [runs]
import { join } from 'node:path';
import { createClient, loadKubeconfig, resources } from '@matriarch/kubernetes';
import { type Matriarch, root, startMatriarch } from '../tests/e2e/support/matriarch.ts';
import { until } from '../tests/e2e/support/until.ts';
import { report, runsFromArguments, secondsOf } from './support.ts';

const runs = runsFromArguments(5);
const objects = 1000;
const watchers = 10;

/** Seconds until all watchers have seen all objects. */
async function watchedBack(matriarch: Matriarch, round: number): Promise<number> {
  const client = createClient(loadKubeconfig({ path: matriarch.kubeconfig }));
  const controller = new AbortController();
  const { signal } = controller;
  const labelSelector = `round=${round}`;
  const seen = Array.from({ length: watchers }, () => new Set<string>());
  const watching = seen.map(async (names) => {
    for await (const { object } of client.watch(resources.configMaps, {
      namespace: 'default',
      labelSelector,
      signal,
    })) {
      names.add(object.metadata?.name ?? '');
    }
  });
  const start = performance.now();
  const create = async (lane: number) => {
    for (let index = lane; index < objects; index += 10) {
      const metadata = { name: `object-${round}-${index}`, namespace: 'default', labels: { round: String(round) } };
      await client.create(resources.configMaps, { metadata, data: { index: String(index) } });
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, lane) => create(lane)));
  await until('all watchers saw all objects', 60_000, () => seen.every(({ size }) => size === objects));
  const seconds = (performance.now() - start) / 1000;
  controller.abort();
  await Promise.allSettled(watching);
  await client.deleteCollection(resources.configMaps, { namespace: 'default', labelSelector });
  client.close();
  return seconds;
}

const matriarch = await startMatriarch({ example: true, args: ['--port', '0'] });
try {
  const env = {
    ...process.env,
    KUBECONFIG: matriarch.kubeconfig,
    HOME: matriarch.state,
    PATH: `${join(root, 'bin')}:${process.env.PATH}`,
  };
  const repeat = (args: string[]) => {
    secondsOf('kubectl', args, env);
    return Array.from({ length: runs }, () => secondsOf('kubectl', args, env) * 1000);
  };
  const getPods = repeat(['get', 'pods']);
  const status = repeat(['cnpg', 'status', 'cluster-example']);
  const own = Array.from(
    { length: runs },
    () => secondsOf(join(root, 'bin/kubectl-cnpg'), ['status', 'cluster-example'], env) * 1000,
  );
  const watched: number[] = [];
  for (let round = 0; round < runs; round += 1) watched.push(await watchedBack(matriarch, round));
  report(`node bench/api.ts ${runs}`, [
    { what: 'kubectl get pods', unit: 'ms', values: getPods, target: '<= 150', digits: 0 },
    { what: 'kubectl cnpg status, through kubectl', unit: 'ms', values: status, target: '<= 400', digits: 0 },
    { what: 'kubectl-cnpg status, the plugin alone', unit: 'ms', values: own, target: '<= 400', digits: 0 },
    {
      what: `${objects} objects created, seen by ${watchers} watchers without loss`,
      unit: 's',
      values: watched,
      target: '-',
    },
  ]);
} finally {
  await matriarch.stop();
  await matriarch.remove();
}
