/** pods/exec and pods/attach, by WebSocket (v4 and v5) and by SPDY/3.1. */
import type { IncomingMessage } from 'node:http';
import { type Duplex, PassThrough, type Readable, type Writable } from 'node:stream';
import { badRequest } from '../apiserver/registry/errors.ts';
import type { StreamTarget } from '../apiserver/registry/hooks.ts';
import { readLog } from '../node/log-reader.ts';
import { messageOf } from '../runtime/api.ts';
import { type ExecStreams, outcome, runExec, type TerminalSize } from './exec-session.ts';
import { type FoundContainer, findContainer, runningContainer, type StreamingContext } from './find.ts';
import { type SpdyStream, serveSpdy } from './spdy.ts';
import { acceptSpdy } from './upgrade.ts';
import { acceptWebSocket, channelWriter, isWebSocket, offeredProtocols } from './websocket.ts';

const V5 = 'v5.channel.k8s.io';
const V4 = 'v4.channel.k8s.io';
const SIZE_WAIT_MS = 150;
const STREAMS_WAIT_MS = 10_000;

const [STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE] = [0, 1, 2, 3, 4, 255];

interface Wanted {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export function wantedBy(query: URLSearchParams): Wanted {
  const flag = (name: string) => query.get(name) === 'true' || query.get(name) === '1';
  const tty = flag('tty');
  return {
    command: query.getAll('command'),
    tty,
    stdin: flag('stdin'),
    stdout: flag('stdout'),
    stderr: flag('stderr') && !tty,
  };
}

/** Answers the upgrade and serves the session until its end. */
export async function upgradeExec(
  context: StreamingContext,
  target: StreamTarget,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  log: (line: string) => void,
): Promise<void> {
  const found = findContainer(context, target);
  runningContainer(found);
  const wanted = wantedBy(target.query);
  if (target.subresource === 'exec' && wanted.command.length === 0)
    throw badRequest('you must specify at least 1 command for the container');
  const serve = (streams: ExecStreams) =>
    target.subresource === 'exec' ? runExec(runningContainer(found), streams) : attach(found, streams);
  if (isWebSocket(req)) {
    if (!offeredProtocols(req).some((name) => name === V5 || name === V4)) {
      throw badRequest(`none of the protocols offered is spoken here: use ${V5} or ${V4}`);
    }
    await serveWebSocket(await acceptWebSocket(req, socket, head, [V5, V4]), wanted, serve);
  } else {
    await serveSpdySession(acceptSpdy(req, socket, head, [V4]), wanted, serve).catch((error: unknown) => {
      log(`exec in ${target.namespace}/${target.name}: ${messageOf(error)}`);
      socket.destroy();
    });
  }
}

type Serve = (streams: ExecStreams) => Promise<void>;

function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width, Height } = JSON.parse(text) as Partial<TerminalSize>;
    return Number.isInteger(Width) && Number.isInteger(Height)
      ? { Width: Number(Width), Height: Number(Height) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Resolves with the first value, or with nothing after a moment. */
function soon<T>(): { promise: Promise<T | undefined>; resolve: (value: T | undefined) => void } {
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  setTimeout(() => resolve(undefined), SIZE_WAIT_MS).unref();
  return { promise, resolve };
}

async function serveWebSocket(
  ws: Awaited<ReturnType<typeof acceptWebSocket>>,
  wanted: Wanted,
  serve: Serve,
): Promise<void> {
  const stdin = new PassThrough();
  const gone = new AbortController();
  const size = soon<TerminalSize>();
  ws.on('message', (message: Buffer) => {
    const channel = message[0];
    const body = message.subarray(1);
    if (channel === STDIN && !stdin.writableEnded) {
      if (!stdin.write(body)) {
        ws.pause();
        stdin.once('drain', () => ws.resume());
      }
    } else if (channel === CLOSE && body[0] === STDIN) stdin.end();
    else if (channel === RESIZE) size.resolve(parseSize(body.toString('utf8')));
  });
  ws.on('close', () => {
    gone.abort();
    stdin.end();
  });
  ws.on('error', () => gone.abort());
  await serve({
    ...wanted,
    stdin: wanted.stdin ? stdin : undefined,
    stdout: wanted.stdout ? channelWriter(ws, STDOUT ?? 1) : undefined,
    stderr: wanted.stderr ? channelWriter(ws, STDERR ?? 2) : undefined,
    error: channelWriter(ws, ERROR ?? 3),
    size: wanted.tty ? size.promise : Promise.resolve(undefined),
    gone: gone.signal,
  });
  ws.close(1000);
}

async function serveSpdySession(transport: Duplex, wanted: Wanted, serve: Serve): Promise<void> {
  const names = [
    'error',
    ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => wanted[name]),
    ...(wanted.tty ? ['resize'] : []),
  ];
  const streams = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  const gone = new AbortController();
  const size = soon<TerminalSize>();
  transport.once('close', () => gone.abort());
  const timer = setTimeout(
    () => complete.reject(new Error('the client did not open its streams in time')),
    STREAMS_WAIT_MS,
  );
  const connection = serveSpdy(transport, (stream) => {
    const name = stream.headers.get('streamtype') ?? '';
    streams.set(name, stream);
    if (name === 'resize') stream.on('data', (chunk: Buffer) => size.resolve(parseSize(chunk.toString('utf8'))));
    if (names.every((each) => streams.has(each))) complete.resolve();
  });
  try {
    await complete.promise;
  } finally {
    clearTimeout(timer);
  }
  const error = streams.get('error');
  if (!error) return;
  await serve({
    ...wanted,
    stdin: streams.get('stdin') as Readable | undefined,
    stdout: streams.get('stdout') as Writable | undefined,
    stderr: streams.get('stderr') as Writable | undefined,
    error,
    size: wanted.tty ? size.promise : Promise.resolve(undefined),
    gone: gone.signal,
  });
  connection.close();
}

/** What the container writes from now on. Its input is nobody's. */
async function attach({ container }: FoundContainer, { stdout, error, gone }: ExecStreams): Promise<void> {
  const { facts, logDirectory } = container;
  const attempt = facts.restartCount;
  const options = { follow: true, timestamps: false, tailLines: 0, sinceTime: undefined, limitBytes: undefined };
  const ended = () => facts.restartCount !== attempt || facts.state.running === undefined;
  for await (const chunk of readLog(logDirectory, attempt, options, ended, gone)) stdout?.write(chunk);
  stdout?.end();
  error.end(outcome(facts.state.terminated?.exitCode ?? facts.lastState.terminated?.exitCode ?? 0));
}
