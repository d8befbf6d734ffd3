import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Kubectl } from './kubectl.ts';
import { until } from './until.ts';

const run = promisify(execFile);

export interface Login {
  namespace: string;
  service: string;
  database: string;
  user: string;
  password: string;
}

/** Runs SQL through a Service's address; rejects with PostgreSQL's error. */
export async function query<T extends pg.QueryResultRow>(kubectl: Kubectl, login: Login, sql: string): Promise<T[]> {
  const { namespace, service, database, user, password } = login;
  const host = await kubectl('get', 'service', service, '-n', namespace, '-o', 'jsonpath={.spec.clusterIP}');
  const client = new pg.Client({
    host,
    port: 5432,
    user,
    password,
    database,
    connectionTimeoutMillis: 5000,
    query_timeout: 30_000,
    ssl: { rejectUnauthorized: false },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** psql on this machine through `kubectl port-forward`, as a user of the walkthrough runs it. */
export interface Forward {
  /** Runs psql; resolves to its standard output, rejects when it fails. */
  psql(args: string[], input?: string): Promise<string>;
  close(): void;
}

/** Forwards a free local port to a Service. */
export async function portForward(kubectl: Kubectl, login: Login): Promise<Forward> {
  const child = kubectl.start('port-forward', `svc/${login.service}`, ':5432', '-n', login.namespace);
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (text += piece.toString()));
  const port = () => /127\.0\.0\.1:(\d+) -> 5432/.exec(text)?.[1];
  await until('port-forward is there', 15_000, () => {
    if (child.exitCode !== null) throw new Error(text);
    return port() !== undefined;
  });
  const common = ['-h', 'localhost', '--port', port() ?? '', '-U', login.user, '-d', login.database, '-X', '-w'];
  return {
    async psql(args, input) {
      const job = run('psql', [...common, '-v', 'ON_ERROR_STOP=1', ...args], {
        env: { ...process.env, PGPASSWORD: login.password, PGCONNECT_TIMEOUT: '10', LC_ALL: 'C.UTF-8' },
        timeout: 60_000,
      });
      job.child.stdin?.end(input ?? '');
      return (await job).stdout;
    },
    close: () => child.kill('SIGTERM'),
  };
}
