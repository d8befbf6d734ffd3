import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Matriarch, root } from './matriarch.ts';

/** The variables that `matriarch s3-env` exports. */
export function s3Environment({ state }: Matriarch): Record<string, string> {
  const text = execFileSync(process.execPath, [join(root, 'dist/matriarch.mjs'), 's3-env', '--state', state], {
    encoding: 'utf8',
  });
  return Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
}
