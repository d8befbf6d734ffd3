import { instanceOptions } from '../options.ts';
import { runManager } from '../run/manager.ts';

export async function run(argv: readonly string[]): Promise<number> {
  return runManager(instanceOptions(argv, process.env), process.env);
}
