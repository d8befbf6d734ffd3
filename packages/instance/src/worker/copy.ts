import { takeBaseBackup } from '@matriarch/postgres';
import { errorText } from '../logger.ts';
import type { CopyAnswer, CopyRequest } from '../rejoin/copyProcess.ts';
import { tablespaceTarget } from '../tablespaces/directories.ts';

/** Does the one copy that the manager asks for, and ends with it. */
export async function runCopy(): Promise<void> {
  const ended = new AbortController();
  process.once('disconnect', () => ended.abort(new Error('the manager has ended')));
  const request = await new Promise<CopyRequest>((resolve) =>
    process.once('message', (message) => resolve(message as CopyRequest)),
  );
  const answer = await copy(request, ended.signal);
  await new Promise((resolve) => process.send?.(answer, resolve));
}

async function copy(request: CopyRequest, signal: AbortSignal): Promise<CopyAnswer> {
  try {
    const relocate = (location: string) => tablespaceTarget(location, process.env);
    const { receivedBytes } = await takeBaseBackup({ ...request, relocate }, signal);
    return { receivedBytes };
  } catch (error) {
    return { error: errorText(error) };
  }
}
