import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { goArch, managerFiles, managerHashFile } from '@matriarch/api';
import { packedHash } from '@matriarch/objectstore';

/** The instance manager that this operator brings: the files that its image hands to new pods. */
export interface ManagerProgram {
  readonly folder: string;
  readonly goArch: string;
  readonly hash: string;
}

/**
 * Finds the instance manager beside the operator's own bundle; undefined where the operator runs from its sources. The hash lies
 * beside it, else it is computed, which takes a second; whoever receives the program computes it in any case.
 */
export async function findManagerProgram(program: string | undefined): Promise<ManagerProgram | undefined> {
  if (!program?.endsWith('.mjs')) return undefined;
  const folder = dirname(await realpath(program));
  return { folder, goArch: goArch(process.arch), hash: await hashOf(folder) };
}

async function hashOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, managerHashFile), 'utf8').catch(() => '');
  const hash = text.trim();
  return /^[0-9a-f]{64}$/.test(hash) ? hash : packedHash(folder, managerFiles);
}
