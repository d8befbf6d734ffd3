import { ConnectionError } from '../errors.ts';
import type { Transport } from './transport.ts';

export interface ExecOptions {
  container: string;
  command: string[];
  stdin?: string | Buffer;
  signal?: AbortSignal;
  /** Longest run; 60 s unless told. */
  timeoutMs?: number;
}

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const;

interface ExecStatus {
  status?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/** Runs a command in a container over a WebSocket (v5.channel.k8s.io, v4 where the server is older). */
export async function execInPod(transport: Transport, path: string, options: ExecOptions): Promise<ExecResult> {
  const { WebSocket } = await import('ws');
  const { url, headers, tls } = await transport.socketOptions(`${path}?${query(options)}`);
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 60_000);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const socket = new WebSocket(url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], { headers, ...tls });
  const output = { stdout: '', stderr: '' };
  let status: ExecStatus | undefined;

  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      reject(new ConnectionError(`exec ${options.command.join(' ')}`, cause));
      socket.terminate();
    };
    const abort = () => fail(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.on('open', () => {
      if (options.stdin === undefined) return;
      socket.send(Buffer.concat([Buffer.from([channel.stdin]), Buffer.from(options.stdin)]));
      if (socket.protocol.startsWith('v5')) socket.send(Buffer.from([channel.close, channel.stdin]));
    });
    socket.on('message', (data: Buffer) => {
      const text = data.subarray(1).toString('utf8');
      if (data[0] === channel.stdout) output.stdout += text;
      else if (data[0] === channel.stderr) output.stderr += text;
      else if (data[0] === channel.error) status = JSON.parse(text) as ExecStatus;
    });
    socket.on('error', fail);
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      if (status) resolve({ exitCode: exitCodeOf(status), ...output });
      else fail(new Error('the connection ended before the command did'));
    });
  });
}

function query(options: ExecOptions): string {
  const parameters = new URLSearchParams({ container: options.container, stdout: 'true', stderr: 'true' });
  if (options.stdin !== undefined) parameters.set('stdin', 'true');
  for (const word of options.command) parameters.append('command', word);
  return parameters.toString();
}

function exitCodeOf(status: ExecStatus): number {
  if (status.status === 'Success') return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  return cause?.message === undefined ? 1 : Number(cause.message);
}
