// Resident memory after idle minutes: control plane, operator, each instance manager.
// Usage: node bench/memory.ts [idle minutes, default 5]
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processesOf, startMatriarch } from '../tests/e2e/support/matriarch.ts';
import { report, residentMemory, runsFromArguments } from './support.ts';

const minutes = runsFromArguments(5);
const matriarch = await startMatriarch({ example: true, args: ['--port', '0'] });

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');

/** Memory of all processes of the pods that run one of our bundles. */
function memoryOf(bundle: string): number[] {
  const pids = processesOf(matriarch.state).filter((pid) => commandOf(pid).some((word) => word.endsWith(bundle)));
  return pids.map(residentMemory);
}

try {
  await delay(minutes * 60_000);
  const { pid = 0 } = matriarch.process;
  report(`node bench/memory.ts ${minutes}`, [
    { what: 'embedded control plane', unit: 'MiB', values: [residentMemory(pid)], target: '<= 150', digits: 0 },
    { what: 'operator', unit: 'MiB', values: memoryOf('/operator.mjs'), target: '<= 110', digits: 0 },
    { what: 'instance manager', unit: 'MiB', values: memoryOf('/instance.mjs'), target: '<= 80', digits: 0 },
  ]);
} finally {
  await matriarch.stop();
  await matriarch.remove();
}
