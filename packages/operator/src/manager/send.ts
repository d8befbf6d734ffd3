import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { managerFiles } from '@matriarch/api';
import { packedSize, packFiles } from '@matriarch/objectstore';
import type { OperatorIdentity } from '../instances/identity.ts';
import { type InstanceTarget, instanceConnection } from '../instances/stream.ts';

/** How the attempt to replace an instance manager ended. */
export type SendOutcome =
  | { readonly kind: 'replaced' }
  /** It could not be done at this moment: ask again in a while. */
  | { readonly kind: 'later'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

const silenceMs = 60_000;
const longestMs = 600_000;

/**
 * Sends the instance manager in `folder` to an instance. A manager that becomes the new one gives no answer: its connection
 * ends. Any answer says that it did not, and 503 that it cannot do so now.
 */
export async function sendManager(
  folder: string,
  target: InstanceTarget,
  identity: OperatorIdentity,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const size = await packedSize(folder, managerFiles);
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ kind: 'failed', reason: error.message });
    const outgoing = request({
      ...instanceConnection(target, identity),
      method: 'PUT',
      path: '/update',
      headers: { 'content-type': 'application/x-tar', 'content-length': size },
      signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
    });
    const source = Readable.from(packFiles(folder, managerFiles));
    outgoing.setTimeout(silenceMs, () => outgoing.destroy(new Error(`no answer within ${silenceMs} ms`)));
    outgoing.on('response', (response) => {
      source.destroy();
      void answerOf(response).then(resolve, failed);
    });
    // Everything was received, and then the program was no more.
    outgoing.on('error', (error) =>
      outgoing.writableFinished && isEnd(error) ? resolve({ kind: 'replaced' }) : failed(error),
    );
    source.on('error', (error) => outgoing.destroy(error));
    source.pipe(outgoing);
  });
}

const isEnd = (error: Error): boolean => 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

async function answerOf(response: IncomingMessage): Promise<SendOutcome> {
  let text = '';
  for await (const piece of response) if (text.length < 500) text += String(piece);
  const reason = `status ${response.statusCode}: ${text.trim().slice(0, 500)}`;
  return response.statusCode === 503 ? { kind: 'later', reason } : { kind: 'failed', reason };
}
