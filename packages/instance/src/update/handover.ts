import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import { writeFileAtomic } from '../files/atomic.ts';
import type { LeaseHandover } from '../lease/holder.ts';
import type { UnfinishedLogs } from '../logs/relay.ts';
import type { Layout } from '../paths.ts';
import type { ProcessMark } from '../postmaster/adopted.ts';

/** What one manager leaves to the one that takes its place in the same process. */
export interface Handover {
  /** The process; a file of any other one is a left-over. */
  readonly pid: number;
  /** The version that went. */
  readonly formerHash: string;
  readonly postmaster: ProcessMark | undefined;
  /** The Cluster as it was seen last: nobody is without it, whether the API server answers at this moment or not. */
  readonly cluster: Cluster | undefined;
  /** PostgreSQL works with a primary's data, and so only with the right to. */
  readonly writing: boolean;
  readonly lease: LeaseHandover | undefined;
  readonly logs: UnfinishedLogs;
}

/** Set for the new program only by the old one, so no ordinary start of a container has it. */
export const handoverVariable = 'MATRIARCH_HANDOVER';

export async function writeHandover(layout: Layout, handover: Handover): Promise<string> {
  const path = join(layout.controller, 'handover.json');
  // It may hold lines of the server's log.
  await writeFileAtomic(path, JSON.stringify(handover), { mode: 0o600 });
  return path;
}

/** Reads what the manager before us left, once, and removes it; undefined when this is an ordinary start. */
export async function takeHandover(environment: NodeJS.ProcessEnv, layout: Layout): Promise<Handover | undefined> {
  const path = environment[handoverVariable];
  delete environment[handoverVariable];
  const own = join(layout.controller, 'handover.json');
  const handover = path === undefined ? undefined : (JSON.parse(await readFile(path, 'utf8')) as Handover);
  await rm(own, { force: true });
  return handover?.pid === process.pid ? handover : undefined;
}
