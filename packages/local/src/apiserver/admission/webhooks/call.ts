/** One call of a webhook over https. */
import { Agent, request as httpsRequest } from 'node:https';
import { number, record, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import type { JsonObject } from '../../registry/types.ts';
import { type Endpoint, resolveEndpoint, serviceUrl } from './endpoint.ts';

const MAX_ANSWER = 8 * 1024 * 1024;
const SHOWN_ANSWER = 1024;

export interface Caller {
  /** The text of the answer. Throws an Error whose message begins with `failed to call webhook: `. */
  call(hook: JsonObject, body: string, signal: AbortSignal): Promise<string>;
  close(): void;
}

export function createCaller(lookup: Lookup): Caller {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 4, timeout: 60_000 });
  return {
    async call(hook, body, signal) {
      const client = record(hook.clientConfig);
      const timeout = number(hook.timeoutSeconds) || 10;
      const query = `?timeout=${timeout}s`;
      try {
        const endpoint = resolveEndpoint(client, lookup);
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)]);
        return await send(agent, endpoint, query, text(client.caBundle), body, deadline);
      } catch (error) {
        if (error instanceof AnswerError) throw new Error(`failed to call webhook: ${error.message}`, { cause: error });
        const why = describe(error, client);
        throw new Error(`failed to call webhook: Post "${serviceUrl(client)}${query}": ${why}`, { cause: error });
      }
    },
    close: () => agent.destroy(),
  };
}

/** The webhook answered with something else than success. */
class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** A connection kept open may have been closed by the other side just then: such a call is made once more. */
async function send(
  agent: Agent,
  endpoint: Endpoint,
  query: string,
  ca: string,
  body: string,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(agent, endpoint, query, ca, body, signal);
    } catch (error) {
      if (attempt > 1 || !(error instanceof StaleConnection)) throw error;
    }
  }
}

class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

function sendOnce(
  agent: Agent,
  endpoint: Endpoint,
  query: string,
  ca: string,
  body: string,
  signal: AbortSignal,
): Promise<string> {
  const { url, host, port, serverName } = endpoint;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        agent,
        host,
        port,
        method: 'POST',
        path: `${url.pathname}${query}`,
        headers: {
          host: url.host,
          'content-type': 'application/json',
          accept: 'application/json',
          'content-length': Buffer.byteLength(body),
        },
        ...(ca === '' ? {} : { ca: Buffer.from(ca, 'base64') }),
        ...(/^[\d.:]+$/.test(serverName) ? {} : { servername: serverName }),
        signal,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER) request.destroy(new AnswerError(`the answer has more than ${MAX_ANSWER} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8');
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(answer);
          else reject(new AnswerError(failure(status, answer)));
        });
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) => {
      reject(request.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection('connection closed') : error);
    });
    request.end(body);
  });
}

function failure(status: number, answer: string): string {
  if (status === 404) return 'the server could not find the requested resource';
  const shown = answer.slice(0, SHOWN_ANSWER).trim() || 'unknown';
  if (status >= 500)
    return `an error on the server (${JSON.stringify(shown)}) has prevented the request from succeeding`;
  return `the server rejected our request for an unknown reason (${status})`;
}

const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

/** Why a call failed, in the words that clients know. */
function describe(error: unknown, client: JsonObject): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'context deadline exceeded';
  if (code === 'ECONNREFUSED') return `dial tcp ${address ?? ''}:${port ?? ''}: connect: connection refused`;
  if (code !== undefined && UNKNOWN_AUTHORITY.has(code)) return 'x509: certificate signed by unknown authority';
  if (code === 'CERT_HAS_EXPIRED') return 'x509: certificate has expired or is not yet valid';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `x509: certificate is not valid for ${new URL(serviceUrl(client)).hostname}: ${error.message}`;
  }
  if (code === 'ECONNRESET') return 'EOF';
  return error.message;
}
