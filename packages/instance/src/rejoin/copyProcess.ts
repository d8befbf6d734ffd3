/**
 * The copy of a whole server, in a process of its own: it takes memory that the manager would not give back.
 */
import { fork } from 'node:child_process';
import type { BaseBackupRequest } from '@matriarch/postgres';
import { workerProgram } from '../archive/workerProcess.ts';

/** The part of a request that can be sent to another process. */
export type CopyRequest = Omit<BaseBackupRequest, 'relocate' | 'onProgress'>;

/** Where the worker's program finds the request for a copy. */
export const copyVerb = 'copy';

export type CopyAnswer = { readonly receivedBytes: number } | { readonly error: string };

/** Runs a base backup; rejects when it fails, and ends it when the signal is aborted. */
export async function copyInProcess(request: CopyRequest, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const child = fork(workerProgram(), [copyVerb], {
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: ['--max-semi-space-size=4'],
  });
  const end = () => child.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  try {
    let answer: CopyAnswer | undefined;
    child.on('message', (message) => {
      answer = message as CopyAnswer;
    });
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, killed) => resolve(String(killed ?? code)));
    });
    child.send(request);
    const how = await ended;
    signal.throwIfAborted();
    if (answer === undefined) throw new Error(`the process that copies the primary ended with ${how}`);
    if ('error' in answer) throw new Error(answer.error);
    return answer.receivedBytes;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
