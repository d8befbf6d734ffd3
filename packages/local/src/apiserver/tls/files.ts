import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Writes under another name, syncs, then renames: after a crash there is the old file or the new one. */
export function writeDurably(path: string, text: string, mode: number): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
