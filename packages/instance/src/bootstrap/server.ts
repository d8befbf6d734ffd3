import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Server, startServer, stopServer, waitUntilReady } from '@matriarch/postgres';
import { extensionEnvironment } from '../configuration/extensions.ts';
import { openForChild } from '../logs/fifo.ts';
import { startLogRelay } from '../logs/relay.ts';
import type { Job } from './job.ts';

/** A full flush follows when everything is done, and until then a crash means starting over: so nothing is flushed. */
const unflushed = { fsync: 'off' };

/** Only this job may reach the server, over the socket; it archives nothing and waits for nobody. */
const closed = {
  listen_addresses: '',
  ssl: 'off',
  archive_command: '',
  synchronous_standby_names: '',
  restart_after_crash: 'off',
};

const fastStopMs = 5 * 60_000;
const lastLinesMs = 200;

export interface PrivateServer {
  readonly server: Server;
  readonly socketDirectory: string;
}

/**
 * Runs PostgreSQL in a directory for the length of `work`, closed to everybody else, and stops it properly.
 * When the job is aborted the server is stopped at once.
 */
export async function withServer(
  job: Job,
  directory: string,
  settings: Readonly<Record<string, string>>,
  work: (running: PrivateServer) => Promise<void>,
): Promise<void> {
  const socketDirectory = job.options.layout.run;
  await mkdir(socketDirectory, { recursive: true, mode: 0o700 });
  const relay = await startLogRelay({ directory: job.options.layout.logs, loggers: job.loggers });
  const output = openForChild(relay.rawPath);
  try {
    const server = await startServer({
      pgData: directory,
      settings: { ...unflushed, ...closed, unix_socket_directories: socketDirectory, ...settings },
      stdio: ['ignore', output.descriptor, output.descriptor],
      environment: {
        ...job.environment,
        ...extensionEnvironment(job.cluster, job.options.layout, job.environment),
      },
    });
    try {
      // Recovery takes as long as it takes; a server that cannot go on ends, and the pod can be told to end.
      await waitUntilReady(server, Number.POSITIVE_INFINITY, job.signal);
      await work({ server, socketDirectory });
      await stopServer(server, [{ mode: 'fast', timeoutMs: fastStopMs }]);
    } catch (error) {
      server.kill('SIGQUIT');
      await server.exited;
      // The collector writes its last lines after the server has ended, and they tell why.
      await delay(lastLinesMs);
      throw error;
    }
  } finally {
    output.close();
    relay.close();
  }
}
