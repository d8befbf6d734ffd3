/** The change of a plain HTTP connection to SPDY/3.1. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '../apiserver/registry/errors.ts';

const VERSION_HEADER = 'x-stream-protocol-version';

/** Answers with the first of our protocols that the client offers; the connection is the client's SPDY from here. */
export function acceptSpdy(req: IncomingMessage, socket: Duplex, head: Buffer, protocols: readonly string[]): Duplex {
  if (req.headers.upgrade?.toUpperCase() !== 'SPDY/3.1') {
    throw badRequest(`unable to upgrade: Upgrade is "${req.headers.upgrade}", use SPDY/3.1 or websocket`);
  }
  const header = req.headers[VERSION_HEADER] ?? '';
  const offered = (Array.isArray(header) ? header.join(',') : header).split(',').map((name) => name.trim());
  const chosen = protocols.find((name) => offered.includes(name));
  if (chosen === undefined)
    throw badRequest(`unable to upgrade: none of "${offered.join(', ')}" is spoken here, only ${protocols.join(', ')}`);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${chosen}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return socket;
}
