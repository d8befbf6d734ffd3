import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '@matriarch/local';
import type { FaultResult } from './result.ts';
import type { World } from './world.ts';

/** Keeps what explains a defect before its cluster is removed: the result, the last view, and the logs of all pods. */
export function saveDiagnostics(world: World, folder: string, result: FaultResult): string {
  const place = join(folder, `fault-${result.number}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'result.json'), JSON.stringify({ result, view: world.view() }, undefined, 2));
  writeFileSync(join(place, 'matriarch.log'), world.matriarch.output());
  const pods = join(dataDirectory(world.matriarch.state), 'pods');
  for (const entry of readdirSync(pods, { recursive: true, encoding: 'utf8' })) {
    if (!/\.log(\.\d+)?$/.test(entry)) continue;
    cpSync(join(pods, entry), join(place, entry.replaceAll('/', '_')));
  }
  return place;
}
