import { operatorVersion } from '@matriarch/api';

export async function version(): Promise<number> {
  process.stdout.write(`${operatorVersion}\n`);
  return 0;
}
