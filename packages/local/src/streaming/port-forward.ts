/** pods/portforward: connections of the client carried to ports of the pod, by SPDY/3.1, alone or within a WebSocket. */
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { badRequest } from '../apiserver/registry/errors.ts';
import type { StreamTarget } from '../apiserver/registry/hooks.ts';
import { findRunner, type StreamingContext } from './find.ts';
import { type SpdyStream, serveSpdy } from './spdy.ts';
import { acceptSpdy } from './upgrade.ts';
import { acceptWebSocket, isWebSocket, messageStream } from './websocket.ts';

const PROTOCOL = 'portforward.k8s.io';
const TUNNEL = `SPDY/3.1+${PROTOCOL}`;
const CONNECT_TIMEOUT_MS = 10_000;

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

export async function upgradePortForward(
  context: StreamingContext,
  target: StreamTarget,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  log: (line: string) => void,
): Promise<void> {
  const { runner } = findRunner(context, target);
  const ip = runner?.podIP();
  if (ip === undefined) throw badRequest(`pod ${target.name} is not running`);
  const transport = isWebSocket(req)
    ? messageStream(await acceptWebSocket(req, socket, head, [TUNNEL]))
    : acceptSpdy(req, socket, head, [PROTOCOL]);
  transport.on('error', (error: Error) => log(`port-forward to ${target.namespace}/${target.name}: ${error.message}`));
  forwardStreams(transport, ip);
}

/** Each connection is two streams with one request id: one for data, one for what goes wrong. */
export function forwardStreams(transport: Duplex, ip: string): void {
  const pairs = new Map<string, Pair>();
  serveSpdy(transport, (stream) => {
    const id = stream.headers.get('requestid') ?? '';
    const pair = pairs.get(id) ?? {};
    pairs.set(id, pair);
    if (stream.headers.get('streamtype') === 'error') pair.error = stream;
    else pair.data = stream;
    if (!pair.error || !pair.data) return;
    pairs.delete(id);
    forward(pair.data, pair.error, ip, Number(stream.headers.get('port')));
  });
}

function forward(data: SpdyStream, error: SpdyStream, ip: string, port: number): void {
  const socket = connect({ host: ip, port, noDelay: true, allowHalfOpen: true });
  const timer = setTimeout(() => socket.destroy(new Error('connect timed out')), CONNECT_TIMEOUT_MS);
  let connected = false;
  error.resume();
  socket.once('connect', () => {
    connected = true;
    clearTimeout(timer);
    data.pipe(socket).pipe(data);
  });
  socket.once('error', (problem) => {
    if (!connected)
      error.write(`error forwarding port ${port} to pod: failed to connect to ${ip}:${port}: ${problem.message}`);
  });
  socket.once('close', () => {
    clearTimeout(timer);
    if (!data.writableEnded) data.end();
    error.end();
  });
  data.once('close', () => socket.destroy());
}
