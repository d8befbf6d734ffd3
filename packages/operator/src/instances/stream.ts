import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { lines, sleep } from '@matriarch/kubernetes';
import type { OperatorIdentity } from './identity.ts';
import { type InstanceReport, parseReport } from './report.ts';

export interface InstanceTarget {
  readonly address: string;
  /** PEM of the CA that signed the server certificate of the instance. */
  readonly ca: string;
}

export interface StreamHandlers {
  onReport: (report: InstanceReport) => void;
  /** The connection broke or could not be made; it is tried again. */
  onFailure: (error: Error) => void;
}

const statusPort = 8000;
const connectTimeoutMs = 3_000;
/** The manager writes a line each second at least. */
const silenceMs = 3_000;
const pollMs = 1_000;
const firstRetryMs = 50;
/** A new pod is seen soon after its manager listens: a rollout waits for nothing else. */
const lastRetryMs = 250;

/**
 * Follows the status of one instance until the signal fires. A manager that knows only plain requests is asked each
 * second instead.
 */
export async function followInstance(
  target: () => InstanceTarget,
  identity: OperatorIdentity,
  handlers: StreamHandlers,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = firstRetryMs;
  let path = '/pg/status?watch=true';
  while (!signal.aborted) {
    try {
      const response = await get(target(), identity, path, signal);
      if (response.statusCode === 404 && path !== '/pg/status') {
        response.resume();
        path = '/pg/status';
        continue;
      }
      if (response.statusCode !== 200) throw new Error(await errorText(response));
      const reports = await readReports(response, handlers.onReport);
      retryMs = firstRetryMs;
      if (signal.aborted) return;
      // One report and the end: a plain answer. Several: the stream broke off.
      if (reports > 1) handlers.onFailure(new Error('the status stream ended'));
      else await sleep(pollMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      handlers.onFailure(error instanceof Error ? error : new Error(String(error)));
      await sleep(retryMs, signal);
      retryMs = Math.min(lastRetryMs, retryMs * 2);
    }
  }
}

async function readReports(response: IncomingMessage, onReport: (report: InstanceReport) => void): Promise<number> {
  const watchdog = setTimeout(() => response.destroy(new Error(`no status for ${silenceMs} ms`)), silenceMs);
  let count = 0;
  try {
    for await (const line of lines(response)) {
      watchdog.refresh();
      onReport(parseReport(line));
      count += 1;
    }
  } finally {
    clearTimeout(watchdog);
  }
  return count;
}

function get(
  target: InstanceTarget,
  identity: OperatorIdentity,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...instanceConnection(target, identity), path, signal }, (response) => {
      outgoing.setTimeout(0);
      resolve(response);
    });
    outgoing.setTimeout(connectTimeoutMs, () => outgoing.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** The certificate of an instance names services, not its address: the chain is checked, the name is not. */
export function instanceConnection({ address, ca }: InstanceTarget, { cert, key }: OperatorIdentity): RequestOptions {
  return { host: address, port: statusPort, ca, cert, key, agent: false, checkServerIdentity: () => undefined };
}

async function errorText(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) if (text.length < 500) text += String(chunk);
  return `status ${response.statusCode}: ${text.trim().slice(0, 500)}`;
}
