/** What a former life left behind: processes that outlived it, and directories of pods that are gone. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { marksIn } from './container-record.ts';
import type { Layout } from './layout.ts';
import { type PodRecord, readPodRecord } from './pod-record.ts';
import { killOwned, type ProcessMark } from './processes.ts';

function recordedMarks(layout: Layout): ProcessMark[] {
  return readdirSync(layout.pods).flatMap((pod) => {
    const containers = join(layout.pods, pod, 'containers');
    return listOrNone(containers).flatMap((name) => marksIn(join(containers, name, 'process.json')));
  });
}

function listOrNone(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Ends every process of the state directory, for certain. Runs before anything of it is used. */
export async function endLeftovers(layout: Layout): Promise<void> {
  await killOwned({
    owns: (sandbox) => sandbox.startsWith(`${layout.sandboxes}/`),
    directories: [layout.pods, layout.volumes],
    marks: recordedMarks(layout),
  });
}

/** Directories of pods that still exist; the others are removed. */
export function keptPods(layout: Layout, exists: (uid: string) => boolean): PodRecord[] {
  return readdirSync(layout.pods).flatMap((uid) => {
    const directory = join(layout.pods, uid);
    const record = exists(uid) ? readPodRecord(directory) : undefined;
    if (!record) rmSync(directory, { recursive: true, force: true });
    return record ? [record] : [];
  });
}
