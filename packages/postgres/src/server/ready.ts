import { createConnection } from 'node:net';
import { join } from 'node:path';
import { encodeStartup, parseFields } from '../protocol/messages.ts';

/** As pg_isready says it: `rejecting` is a server that starts, stops, or cannot take more at this moment. */
export type Readiness = 'accepting' | 'rejecting' | 'no response';

/** SQLSTATE of a server that cannot serve now (starting up, shutting down, recovery without hot standby). */
const cannotConnectNow = '57P03';

/** The file of a server's Unix socket. */
export function socketPath(directory: string, port = 5432): string {
  return join(directory, `.s.PGSQL.${port}`);
}

/**
 * Asks the server behind a Unix socket whether it takes connections, by the first answer to a startup packet; any
 * answer but "cannot connect now", an authentication failure too, means that it does. Never throws.
 */
export function checkReadiness(path: string, timeoutMs: number): Promise<Readiness> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let received = Buffer.alloc(0);
    const finish = (readiness: Readiness) => {
      socket.destroy();
      resolve(readiness);
    };
    socket.setTimeout(timeoutMs, () => finish('no response'));
    socket.once('connect', () => {
      socket.write(encodeStartup({ user: 'postgres', database: 'postgres', application_name: 'readiness' }));
    });
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      const readiness = readAnswer(received);
      if (readiness !== undefined) finish(readiness);
    });
    socket.once('error', () => finish('no response'));
    socket.once('close', () => finish('no response'));
  });
}

/** Undefined while the answer is not whole. */
export function readAnswer(received: Buffer): Readiness | undefined {
  if (received.length < 5) return undefined;
  if (received.toString('latin1', 0, 1) !== 'E') return 'accepting';
  const length = received.readUInt32BE(1);
  if (received.length < length + 1) return undefined;
  return parseFields(received.subarray(5, length + 1)).code === cannotConnectNow ? 'rejecting' : 'accepting';
}
