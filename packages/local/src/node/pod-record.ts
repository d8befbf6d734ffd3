/** What is kept of a pod beside its object: where it was, and its address. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from './container-process.ts';

export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ip: string;
}

const FILE = 'pod.json';

export function readPodRecord(directory: string): PodRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as PodRecord;
  } catch {
    return undefined;
  }
}

export function writePodRecord(directory: string, record: PodRecord): void {
  writeDurably(join(directory, FILE), JSON.stringify(record));
}
