/** A cluster in a process of its own, for tests that kill it: `node run-cluster.ts STATE_DIRECTORY [SERVICES]`. Says `started` when it runs. */
import { startLocal } from '../local/start.ts';
import { anyImage } from './cluster.ts';

await startLocal({
  stateDir: process.argv[2] ?? '',
  nodes: [{ name: 'node-a', zone: 'zone-a', region: 'local' }],
  images: anyImage,
  ...(process.argv[3] === undefined ? {} : { serviceCidr: process.argv[3] }),
  log: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write('started\n');
