/** One look at a container by a probe. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from 'kubernetes-types/core/v1.d.ts';
import type { Silence } from './silence.ts';

export interface ProbeResult {
  readonly ok: boolean;
  readonly message: string;
}

export interface ProbeTarget {
  readonly container: Container;
  readonly podIP: string;
  /** Nobody looks from a node that is silent. */
  readonly silence: Silence;
  /** Runs a command in the container; resolves with its exit code and output. */
  exec(command: readonly string[], signal: AbortSignal): Promise<{ exitCode: number; output: string }>;
}

const KEPT_BYTES = 10 * 1024;

export function portNumber(port: string | number | undefined, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port);
  return named?.containerPort ?? Number(port);
}

/** Never throws: what goes wrong is a failure of the probe. */
export async function runProbe(probe: Probe, target: ProbeTarget, stop: AbortSignal): Promise<ProbeResult> {
  const seconds = probe.timeoutSeconds ?? 1;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(seconds * 1000)]);
  try {
    if (probe.exec) return await execProbe(probe.exec.command ?? [], target, signal);
    if (probe.httpGet) return await httpProbe(probe.httpGet, target, signal);
    if (probe.tcpSocket) {
      const { host, port } = probe.tcpSocket;
      await tcpProbe(host ?? target.podIP, portNumber(port, target.container), signal);
      return { ok: true, message: '' };
    }
    return { ok: false, message: 'this type of probe is not supported: use exec, httpGet or tcpSocket' };
  } catch (error) {
    const late = signal.aborted && !stop.aborted;
    return {
      ok: false,
      message: late ? `timed out after ${seconds}s` : error instanceof Error ? error.message : String(error),
    };
  }
}

async function execProbe(command: readonly string[], target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const { exitCode, output } = await target.exec(command, signal);
  return { ok: exitCode === 0, message: output };
}

type HttpGet = NonNullable<Probe['httpGet']>;

function httpProbe(action: HttpGet, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const secure = action.scheme === 'HTTPS';
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.32', Accept: '*/*', Connection: 'close' };
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value;
  const options = {
    host: action.host ?? target.podIP,
    port: portNumber(action.port, target.container),
    path: (action.path ?? '/').startsWith('/') ? (action.path ?? '/') : `/${action.path}`,
    headers,
    signal,
    agent: false,
    // A probe asks whether somebody answers, not who: certificates are not checked.
    ...(secure ? { rejectUnauthorized: false } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < KEPT_BYTES) body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const code = response.statusCode ?? 0;
        const ok = code >= 200 && code < 400;
        resolve({ ok, message: ok ? body : `HTTP probe failed with statuscode: ${code}` });
      });
    });
    request.on('error', reject);
    request.end();
  });
}

function tcpProbe(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const abort = () => socket.destroy(new Error('timed out'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
