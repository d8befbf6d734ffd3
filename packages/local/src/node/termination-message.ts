/** What a container says at its end: its termination file, else, where the pod wants that, the end of its log. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from 'kubernetes-types/core/v1.d.ts';

const FILE_BYTES = 4096;
const LOG_BYTES = 2048;
const LOG_LINES = 80;

function readTail(path: string, bytes: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const size = fstatSync(file).size;
    const buffer = Buffer.alloc(Math.min(bytes, size));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(file);
  }
}

export function terminationMessage(container: Container, root: string, logFile: string, exitCode: number): string {
  const path = container.terminationMessagePath ?? '/dev/termination-log';
  const written = readTail(join(root, path), FILE_BYTES);
  if (written !== '' || container.terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0)
    return written;
  return readTail(logFile, LOG_BYTES).split('\n').slice(-LOG_LINES).join('\n');
}
