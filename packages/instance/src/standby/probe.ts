import { createConnection } from 'node:net';

/** The request for TLS that opens a connection of PostgreSQL's protocol: length 8, code 80877103. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Whether a PostgreSQL server answers there. Behind a Service a connection alone says nothing. Never throws. */
export function answersAsPostgres(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('connect', () => socket.write(tlsRequest));
    socket.once('data', (data) => finish(data[0] === 0x53 || data[0] === 0x4e));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
