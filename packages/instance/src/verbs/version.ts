import { operatorCommit, operatorVersion } from '@matriarch/api';

export async function version(): Promise<number> {
  const commit = operatorCommit === '' ? '' : ` (${operatorCommit})`;
  process.stdout.write(`${operatorVersion}${commit}\n`);
  return 0;
}
