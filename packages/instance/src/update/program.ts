import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { managerFiles, managerHashFile } from '@matriarch/api';
import { packedHash } from '@matriarch/objectstore';
import { isMissingFile } from '../files/atomic.ts';

/** Folder of the program that runs, as far as it is a bundle; links are followed. */
export async function programFolder(argument: string | undefined): Promise<string | undefined> {
  return argument?.endsWith('.mjs') ? dirname(await realpath(argument)) : undefined;
}

/** Hash of the instance manager in a folder: the one that lies beside it, else computed, which takes a second. */
export async function programHash(folder: string): Promise<string> {
  try {
    const text = (await readFile(join(folder, managerHashFile), 'utf8')).trim();
    if (/^[0-9a-f]{64}$/.test(text)) return text;
  } catch (error) {
    if (!isMissingFile(error)) throw error;
  }
  return packedHash(folder, managerFiles);
}
