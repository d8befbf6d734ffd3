/** The record of a container's main process, by which the next start finds it after a crash of ours. */
import { readFileSync } from 'node:fs';
import type { ProcessMark } from './processes.ts';

export function marksIn(recordFile: string): ProcessMark[] {
  try {
    return [JSON.parse(readFileSync(recordFile, 'utf8')) as ProcessMark];
  } catch {
    return [];
  }
}
