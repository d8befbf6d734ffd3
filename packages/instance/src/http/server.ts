import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface ListenOptions {
  readonly port: number;
  /** undefined = all addresses. */
  readonly host: string | undefined;
  readonly tls: boolean;
  readonly headersTimeoutMs: number;
  /** Time for a whole request; 20 s unless told. */
  readonly requestTimeoutMs?: number;
}

export interface RunningServer {
  readonly port: number;
  /** Certificate for the connections from now on; without one a TLS server refuses the handshake. */
  setCertificate(certificate: ServerCertificate): void;
  close(): Promise<void>;
}

const requestTimeoutMs = 20_000;

/** Listens; with TLS a client certificate is asked for but checked by the handlers. */
export async function listen(options: ListenOptions, listener: RequestListener): Promise<RunningServer> {
  const timeouts = {
    headersTimeout: options.headersTimeoutMs,
    requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
  };
  const secure = options.tls
    ? createHttpsServer({ ...timeouts, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false }, listener)
    : undefined;
  const server: Server = secure ?? createHttpServer(timeouts, listener);
  // A broken handshake is the client's affair.
  secure?.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`port ${options.port} of ${options.host ?? 'all addresses'} cannot be used`, { cause: error })),
    );
    server.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) }, resolve);
  });
  const port = (server.address() as AddressInfo).port;
  return {
    port,
    setCertificate: ({ certificate, key }) =>
      secure?.setSecureContext({ cert: certificate, key, minVersion: 'TLSv1.3' }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
