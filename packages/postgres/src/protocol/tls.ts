import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import type { ConnectionParameters } from '../conninfo.ts';
import { encodeSslRequest } from './messages.ts';

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type SslMode = (typeof modes)[number];

const isMode = (text: string): text is SslMode => (modes as readonly string[]).includes(text);

/** libpq's `sslmode`, `prefer` when unset. */
export function sslModeOf(parameters: ConnectionParameters): SslMode {
  const mode = parameters.sslmode || 'prefer';
  if (!isMode(mode)) throw new Error(`sslmode "${mode}" must be one of ${modes.join(', ')}`);
  return mode;
}

/**
 * Asks the server for TLS and takes it up. `allow` is read as `prefer`: encryption where it can be had.
 * Returns the plain socket when the server has no TLS and the mode can do without.
 */
export async function startTls(socket: Socket, parameters: ConnectionParameters): Promise<Socket | TLSSocket> {
  const mode = sslModeOf(parameters);
  if (mode === 'disable') return socket;
  socket.write(encodeSslRequest());
  const answer = String.fromCharCode(await oneByte(socket));
  if (answer === 'N') {
    if (mode === 'allow' || mode === 'prefer') return socket;
    throw new Error(`the server has no TLS, and sslmode=${mode} wants it`);
  }
  if (answer !== 'S') throw new Error('the server does not speak the PostgreSQL protocol');
  const options = await tlsOptions(mode, parameters);
  return new Promise((resolve, reject) => {
    const secure = connect({ ...options, socket });
    secure.once('secureConnect', () => {
      secure.removeListener('error', reject);
      resolve(secure);
    });
    secure.once('error', reject);
    secure.once('close', () => reject(new Error('the server closed the connection during the TLS handshake')));
  });
}

/** Nothing behind the byte may be read from the socket: it belongs to TLS. */
function oneByte(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const piece: Buffer | null = socket.read(1);
      if (piece === null) return;
      leave();
      resolve(piece[0] ?? 0);
    };
    const fail = (error?: Error) => {
      leave();
      reject(error ?? new Error('the server closed the connection before TLS'));
    };
    const closed = () => fail();
    const leave = () => socket.off('readable', look).off('error', fail).off('close', closed);
    socket.on('readable', look).on('error', fail).on('close', closed);
  });
}

async function tlsOptions(mode: SslMode, parameters: ConnectionParameters): Promise<ConnectionOptions> {
  const read = async (keyword: string) => {
    const path = parameters[keyword];
    if (path === undefined || path === '') return undefined;
    return readFile(path).catch((cause) => {
      throw new Error(`${keyword}=${path} cannot be read`, { cause });
    });
  };
  const [ca, cert, key] = await Promise.all([read('sslrootcert'), read('sslcert'), read('sslkey')]);
  const verify = mode.startsWith('verify-') || (mode === 'require' && ca !== undefined);
  if (verify && ca === undefined)
    throw new Error(`sslmode=${mode} needs sslrootcert, the certificate of the authority`);
  const host = parameters.host ?? '';
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verify,
    checkServerIdentity:
      mode === 'verify-full' ? (_, certificate) => checkServerIdentity(host, certificate) : () => undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(host === '' || isIP(host) !== 0 ? {} : { servername: host }),
  };
}
