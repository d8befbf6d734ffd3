import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { ensureFifos, type FifoReader, readFifo } from '../logs/fifo.ts';

const requestPipe = '.request';
const answerPipe = '.answer';

/** The two named pipes of a spool, by which the `manager` script asks the worker and waits for its answer. */
export interface SpoolPipes {
  /** Answers a request; dropped when nobody waits any more. */
  answer(name: string, text: string): void;
  close(): void;
}

/** Path of the pipe by which the worker is asked. */
export const requestPipeOf = (spool: string): string => join(spool, requestPipe);

/**
 * Makes the pipes of a spool and keeps the one for requests open: what the script asks while the worker is starting
 * waits there. The returned function lets go.
 */
export async function holdSpoolPipes(spool: string): Promise<() => void> {
  const requests = requestPipeOf(spool);
  await ensureFifos([requests, join(spool, answerPipe)]);
  const descriptor = openSync(requests, constants.O_RDWR | constants.O_NONBLOCK);
  return () => closeSync(descriptor);
}

export async function openSpoolPipes(
  spool: string,
  onRequest: (words: readonly string[]) => void,
  onError: (error: Error) => void,
): Promise<SpoolPipes> {
  const requests = join(spool, requestPipe);
  const answers = join(spool, answerPipe);
  await ensureFifos([requests, answers]);
  const decoder = new StringDecoder('utf8');
  let pending = '';
  const reader: FifoReader = readFifo(
    requests,
    (chunk) => {
      pending += decoder.write(chunk);
      const lines = pending.split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onRequest(line.split(' '));
    },
    onError,
  );
  return {
    answer: (name, text) => writeAnswer(answers, `${name} ${text}\n`),
    close: () => reader.close(),
  };
}

function writeAnswer(pipe: string, line: string): void {
  let descriptor: number;
  try {
    // Without a reader the open fails: the script has given up.
    descriptor = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return;
  }
  try {
    writeSync(descriptor, line);
  } finally {
    closeSync(descriptor);
  }
}

/** Tells the script to ask once more: the worker that knew of its request has ended. */
export const askAgain = 'again';

/** Answers whatever file the script waits for in this spool: PostgreSQL asks for one at a time. */
export function answerAny(spool: string, text: string): void {
  writeAnswer(join(spool, answerPipe), `* ${text}\n`);
}

/** An error as the script can put it into a JSON line as it is: one line, escaped, not longer than a pipe takes whole. */
export function answerText(error: string): string {
  return JSON.stringify(error.replaceAll(/\s+/g, ' ')).slice(1, -1).slice(0, 1000);
}
