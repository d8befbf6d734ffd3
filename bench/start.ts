// How long until PostgreSQL is there: a cold start of `npm start` with three instances, a restart of the same state, and the
// first SQL of a one-instance cluster. Usage: node bench/start.ts [runs]
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubectlFor } from '../tests/e2e/support/kubectl.ts';
import { launch, type Matriarch, startMatriarch } from '../tests/e2e/support/matriarch.ts';
import { query } from '../tests/e2e/support/postgres.ts';
import { until } from '../tests/e2e/support/until.ts';
import { report, runsFromArguments } from './support.ts';

const runs = runsFromArguments(5);

/** Starts the example cluster; resolves to the seconds from the start of the process to the line that says it is healthy. */
async function startExample(state?: string): Promise<{ matriarch: Matriarch; seconds: number }> {
  const start = performance.now();
  const matriarch = await launch({ example: true, args: ['--port', '0'], ...(state === undefined ? {} : { state }) });
  const healthy = /cluster-example: Cluster in healthy state, 3 of 3/;
  const seconds = await new Promise<number>((resolve, reject) => {
    matriarch.process.stdout?.on('data', () => {
      if (healthy.test(matriarch.output())) resolve((performance.now() - start) / 1000);
    });
    matriarch.process.on('exit', () => reject(new Error(`no healthy cluster in:\n${matriarch.output()}`)));
  });
  return { matriarch, seconds };
}

const oneInstance = JSON.stringify({
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'one', namespace: 'default' },
  spec: { instances: 1, imageName: 'ghcr.io/cloudnative-pg/postgresql:17.2', storage: { size: '1Gi' } },
});

async function firstSql(): Promise<number> {
  const matriarch = await startMatriarch({ args: ['--port', '0'] });
  try {
    const kubectl = kubectlFor(matriarch);
    const file = join(matriarch.state, 'one.json');
    await writeFile(file, oneInstance);
    const start = performance.now();
    await kubectl('create', '-f', file);
    await until('SQL through one-rw', 60_000, async () => {
      const secret = await kubectl('get', 'secret', 'one-app', '-o', 'jsonpath={.data.password}');
      const password = Buffer.from(secret, 'base64').toString();
      const login = { namespace: 'default', service: 'one-rw', database: 'app', user: 'app', password };
      return (await query(kubectl, login, 'SELECT 1')).length === 1;
    });
    return (performance.now() - start) / 1000;
  } finally {
    await matriarch.stop();
    await matriarch.remove();
  }
}

const cold: number[] = [];
const warm: number[] = [];
const first: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const { matriarch, seconds } = await startExample();
  cold.push(seconds);
  await matriarch.stop();
  const again = await startExample(matriarch.state);
  warm.push(again.seconds);
  await again.matriarch.stop();
  await again.matriarch.remove();
  first.push(await firstSql());
}
report(`node bench/start.ts ${runs}`, [
  { what: 'cold start to a healthy cluster with 3 ready instances', unit: 's', values: cold, target: '<= 10' },
  { what: 'restart of the same state to healthy', unit: 's', values: warm, target: '<= 5' },
  { what: 'one-instance cluster: create to first SQL through -rw', unit: 's', values: first, target: '<= 4' },
]);
