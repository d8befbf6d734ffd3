import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { crc32c } from '../control/crc32c.ts';
import type { ReceivedFiles } from './manifest.ts';
import type { TarSink } from './tar.ts';

export interface ExtractRequest {
  /** Where the archive goes. */
  readonly directory: string;
  /** Put before the paths in `received`: a tablespace's files are known to the manifest below the data directory. */
  readonly prefix: string;
  /** Where `pg_wal` goes, when not into the directory. */
  readonly walDirectory?: string | undefined;
  /** Where the link to a tablespace points, given its location at the sender. */
  readonly relocate: (location: string) => string;
  readonly received: ReceivedFiles;
}

/**
 * Writes an archive to disk as it arrives and takes the checksum of each file. The calls are synchronous: a thousand
 * small files through the thread pool take half as long again, and this program does nothing else meanwhile.
 */
export function createExtractor(request: ExtractRequest): TarSink & { abandon(): void } {
  const made = new Set<string>([request.directory]);
  let file: { descriptor: number; path: string; size: number; checksum: number } | undefined;
  const makeDirectory = (path: string) => {
    if (made.has(path)) return;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    made.add(path);
  };
  return {
    begin(header) {
      const path = placeOf(request, header.name);
      makeDirectory(dirname(path));
      if (header.type === 'directory') makeDirectory(path);
      else if (header.type === 'symlink') symlinkSync(request.relocate(header.linkTarget), path);
      else {
        // Group access is as the sender has it; nobody else ever has any.
        const descriptor = openSync(path, 'wx', header.mode & 0o640);
        file = { descriptor, path: request.prefix + normalize(header.name), size: 0, checksum: 0 };
      }
    },
    data(piece) {
      if (file === undefined) return;
      writeAll(file.descriptor, piece);
      file.size += piece.length;
      file.checksum = crc32c(piece, file.checksum);
    },
    end() {
      if (file === undefined) return;
      closeSync(file.descriptor);
      request.received.set(file.path, { size: file.size, crc32c: file.checksum });
      file = undefined;
    },
    abandon() {
      if (file !== undefined) closeSync(file.descriptor);
      file = undefined;
    },
  };
}

function placeOf(request: ExtractRequest, name: string): string {
  const clean = normalize(name);
  if (clean.startsWith('/') || clean.split('/').includes('..')) {
    throw new Error(`base backup: the member "${name}" lies outside of the data directory`);
  }
  if (request.walDirectory !== undefined && /^pg_wal(\/|$)/.test(clean)) {
    return join(request.walDirectory, clean.slice('pg_wal'.length));
  }
  return join(request.directory, clean);
}

function writeAll(descriptor: number, piece: Buffer): void {
  let written = 0;
  while (written < piece.length) written += writeSync(descriptor, piece, written);
}

/** Makes a directory of a server, which nobody else may enter; PostgreSQL refuses others. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o700);
}
