import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes the named pipes that are not there yet; a plain file in the way is replaced. */
export async function ensureFifos(paths: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const entry = await lstat(path).catch(() => undefined);
    if (entry?.isFIFO() === true) continue;
    if (entry !== undefined) await rm(path, { recursive: true });
    missing.push(path);
  }
  if (missing.length > 0) await run('mkfifo', ['-m', '0600', ...missing], { timeout: 10_000 });
}

export interface FifoReader {
  close(): void;
}

/**
 * Reads a named pipe for ever. It is opened for reading and writing: neither side then waits for the other to open
 * it, there is no end of file when a writer leaves, and a writer that outlives us gets no broken pipe.
 */
export function readFifo(path: string, onData: (chunk: Buffer) => void, onError: (error: Error) => void): FifoReader {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  socket.on('data', onData);
  socket.on('error', onError);
  return { close: () => socket.destroy() };
}

/** A descriptor of a named pipe to hand to a child as its output; the caller closes its own copy. */
export function openForChild(path: string): { descriptor: number; close(): void } {
  const descriptor = openSync(path, constants.O_RDWR);
  return { descriptor, close: () => closeSync(descriptor) };
}
