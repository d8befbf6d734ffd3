import { request } from 'node:http';

export interface LocalAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks the manager that runs in this pod, on its local port. */
export function askManager(path: string, timeoutMs: number): Promise<LocalAnswer> {
  const host = process.env.MATRIARCH_BIND_ADDRESS || 'localhost';
  return new Promise((resolve, reject) => {
    const asked = request({ host, port: 8010, path, timeout: timeoutMs, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    asked.on('error', (error) =>
      reject(new Error(`the instance manager of this pod (${host}:8010) does not answer`, { cause: error })),
    );
    asked.end();
  });
}
