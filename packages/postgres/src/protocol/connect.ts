import { createConnection, type Socket } from 'node:net';
import type { ConnectionParameters } from '../conninfo.ts';
import { authenticate } from './authenticate.ts';
import { ConnectionFailure, ServerError } from './errors.ts';
import { encodeStartup, encodeTerminate, parseFields } from './messages.ts';
import { passwordFor } from './passfile.ts';
import { startTls } from './tls.ts';
import { createWire, type Wire } from './wire.ts';

export interface Connection {
  readonly wire: Wire;
  /** What the server reported at the start: `server_version`, `in_hot_standby`, ... */
  readonly serverParameters: ReadonlyMap<string, string>;
  close(): void;
}

const defaultTimeoutSeconds = 10;

/** A checkpoint may keep a base backup waiting for minutes; a server that says nothing for this long is gone. */
const silenceMs = 15 * 60_000;

/** What a session is for: physical replication, or SQL in the database that `dbname` names. */
export type SessionKind = 'replication' | 'database';

/**
 * Opens a connection with libpq's connection parameters. Several hosts (`host=a,b`) are tried in turn.
 * The signal ends the attempt, and later the connection itself.
 */
export async function connectToServer(
  parameters: ConnectionParameters,
  kind: SessionKind,
  signal: AbortSignal,
): Promise<Connection> {
  const failures: string[] = [];
  for (const target of targetsOf(parameters)) {
    try {
      return await connectTo(target, kind, signal);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`${target.host ?? ''}:${target.port ?? ''}: ${messageOf(error)}`);
    }
  }
  throw new ConnectionFailure(`no connection to PostgreSQL: ${failures.join(' | ')}`);
}

/** One set of parameters for each host of the list. */
export function targetsOf(parameters: ConnectionParameters): ConnectionParameters[] {
  const list = (keyword: string) => (parameters[keyword] ?? '').split(',').map((item) => item.trim());
  const [hosts, addresses, ports] = [list('host'), list('hostaddr'), list('port')];
  const count = Math.max(hosts.length, addresses.length);
  return Array.from({ length: count }, (_, index) => ({
    ...parameters,
    host: hosts[index] ?? '',
    hostaddr: addresses[index] ?? '',
    port: (ports.length === 1 ? ports[0] : ports[index]) || '5432',
  }));
}

async function connectTo(target: ConnectionParameters, kind: SessionKind, signal: AbortSignal): Promise<Connection> {
  const seconds = Number(target.connect_timeout ?? 0) || defaultTimeoutSeconds;
  const plain = await openSocket(target, seconds * 1000, signal);
  let socket: Socket = plain;
  const abandon = () => socket.destroy(new Error('the connection was given up'));
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${seconds} s`)), seconds * 1000);
  signal.addEventListener('abort', abandon, { once: true });
  plain.once('close', () => signal.removeEventListener('abort', abandon));
  try {
    socket = isLocal(target) ? plain : await startTls(plain, target);
    const wire = createWire(socket);
    const serverParameters = await logIn(wire, target, kind);
    socket.setTimeout(silenceMs, () =>
      socket.destroy(new Error(`the server said nothing for ${silenceMs / 60_000} min`)),
    );
    return {
      wire,
      serverParameters,
      close() {
        socket.end(encodeTerminate());
        socket.destroySoon();
      },
    };
  } catch (error) {
    plain.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const isLocal = (target: ConnectionParameters): boolean => (target.host ?? '').startsWith('/');

function openSocket(target: ConnectionParameters, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const port = Number(target.port);
  const host = target.hostaddr || target.host || 'localhost';
  const socket = isLocal(target)
    ? createConnection(`${target.host}/.s.PGSQL.${port}`)
    : createConnection({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
  return new Promise((resolve, reject) => {
    const abandon = () => socket.destroy(new Error('the connection was given up'));
    signal.addEventListener('abort', abandon, { once: true });
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abandon);
    };
    socket.once('connect', () => {
      settle();
      // Whoever reads the socket learns of an error there; between two readers it must not end the process.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (error) => {
      settle();
      reject(error);
    });
  });
}

/** Startup packet and authentication; resolves when the server is ready for the first command. */
async function logIn(
  wire: Wire,
  target: ConnectionParameters,
  kind: SessionKind,
): Promise<ReadonlyMap<string, string>> {
  const user = target.user ?? '';
  if (user === '') throw new Error('the connection parameter "user" is missing');
  const optional = (keyword: string) => (target[keyword] === undefined ? {} : { [keyword]: target[keyword] });
  wire.write(
    encodeStartup({
      user,
      ...(kind === 'replication' ? { replication: 'true' } : { database: target.dbname ?? user }),
      client_encoding: 'UTF8',
      ...optional('application_name'),
      ...optional('options'),
    }),
  );
  await authenticate(wire, user, await passwordFor(target, kind === 'replication' ? kind : (target.dbname ?? user)));
  const reported = new Map<string, string>();
  for (;;) {
    const message = await wire.next();
    if (message === undefined) throw new Error('the server closed the connection after authentication');
    if (message.type === 'E') throw new ServerError(parseFields(message.body));
    if (message.type === 'Z') return reported;
    if (message.type === 'S') {
      const [name = '', value = ''] = message.body.toString('utf8').split('\0');
      reported.set(name, value);
    }
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
