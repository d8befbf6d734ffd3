// How long until PostgreSQL is there: a cold start of `npm start` with three instances, a restart of the same state, and the
// first SQL of a one-instance cluster. Usage: node bench/start.ts [runs]
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubectlFor } from '../tests/e2e/support/kubectl.ts';
import { type Matriarch, startMatriarch } from '../tests/e2e/support/matriarch.ts';
import { query } from '../tests/e2e/support/postgres.ts';
import { until } from '../tests/e2e/support/until.ts';
import { report, runsFromArguments } from './support.ts';

const runs = runsFromArguments(5);

/** Seconds at which `matriarch up` says that the cluster is healthy, by its own clock from the start of the program. */
function healthyAfter(matriarch: Matriarch): number {
  const line = /^ *([\d.]+) s {2}cluster-example: Cluster in healthy state, 3 of 3/m.exec(matriarch.output());
  if (line === null) throw new Error(`no healthy cluster in:\n${matriarch.output()}`);
  return Number(line[1]);
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
  const matriarch = await startMatriarch({ example: true, args: ['--port', '0'] });
  cold.push(healthyAfter(matriarch));
  await matriarch.stop();
  const again = await startMatriarch({ example: true, state: matriarch.state, args: ['--port', '0'] });
  warm.push(healthyAfter(again));
  await again.stop();
  await again.remove();
  first.push(await firstSql());
}
report(`node bench/start.ts ${runs}`, [
  { what: 'cold start to a healthy cluster with 3 ready instances', unit: 's', values: cold, target: '<= 10' },
  { what: 'restart of the same state to healthy', unit: 's', values: warm, target: '<= 5' },
  { what: 'one-instance cluster: create to first SQL through -rw', unit: 's', values: first, target: '<= 4' },
]);
