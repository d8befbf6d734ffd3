import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ConnectionParameters } from '../conninfo.ts';
import { identifySystem, query } from '../replication/session.ts';
import { withSuperuser } from '../sql.ts';
import { makeCertificates } from '../testing/certificates.ts';
import {
  dropPrivileges,
  freePort,
  makeDataDirectory,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '../testing/server.ts';
import { connectToServer, targetsOf } from './connect.ts';
import { ConnectionFailure, type ServerError } from './errors.ts';
import { findPassword } from './passfile.ts';

dropPrivileges();
usePostgres();

const never = new AbortController().signal;

describe('connections over TLS', { timeout: 30_000 }, () => {
  const scratch = makeScratch();
  const at = (name: string) => join(scratch.path, name);
  let server: TestServer;
  let base: ConnectionParameters;

  before(async () => {
    const [ours, others] = await Promise.all([makeCertificates(), makeCertificates()]);
    const files = {
      'ca.crt': ours.authority,
      'other.crt': others.authority,
      'server.crt': ours.serverCertificate,
      'server.key': ours.serverKey,
      'client.crt': ours.clientCertificate,
      'client.key': ours.clientKey,
      'foreign.crt': others.clientCertificate,
      'foreign.key': others.clientKey,
      pass: 'nobody:*:*:*:no\n*:*:*:scram:pass\\:word\\\\\n*:*:replication:legacy:old\n',
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content, { mode: 0o600 });
    const pgData = await makeDataDirectory(scratch.path, 'data');
    writeFileSync(
      join(pgData, 'pg_hba.conf'),
      [
        'local all all trust',
        'hostssl all streaming_replica all cert',
        'hostssl replication streaming_replica all cert',
        'host all scram all scram-sha-256',
        'host replication legacy all md5',
        'host all plain all password',
        '',
      ].join('\n'),
    );
    const port = String(await freePort());
    const tls = {
      ssl: 'on',
      ssl_ca_file: at('ca.crt'),
      ssl_cert_file: at('server.crt'),
      ssl_key_file: at('server.key'),
    };
    server = await runServer(scratch.path, pgData, { ...tls, listen_addresses: '127.0.0.1', port });
    await withSuperuser(
      { socketDirectory: server.socketDirectory, port: Number(port), database: 'postgres', applicationName: 'test' },
      async (client) => {
        await client.query('CREATE ROLE streaming_replica LOGIN REPLICATION');
        await client.query("CREATE ROLE scram LOGIN PASSWORD 'pass:word\\'");
        await client.query("CREATE ROLE plain LOGIN PASSWORD 'p'");
        await client.query("SET password_encryption = md5; CREATE ROLE legacy LOGIN REPLICATION PASSWORD 'old'");
      },
    );
    base = {
      host: 'pg-rw',
      hostaddr: '127.0.0.1',
      port,
      user: 'streaming_replica',
      dbname: 'postgres',
      sslmode: 'verify-ca',
      sslrootcert: at('ca.crt'),
      sslcert: at('client.crt'),
      sslkey: at('client.key'),
    };
  });
  after(async () => {
    await server.stop();
    await scratch.remove();
  });

  const tlsOf = async (parameters: ConnectionParameters): Promise<string | null | undefined> => {
    const connection = await connectToServer(parameters, 'database', never);
    const [row] = await query(connection, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    connection.close();
    return row?.ssl;
  };
  const fails = (change: ConnectionParameters, message: RegExp) =>
    assert.rejects(connectToServer({ ...base, ...change }, 'replication', never), (error: Error) => {
      assert.ok(error instanceof ConnectionFailure);
      assert.match(error.message, message);
      return true;
    });

  it('prove who we are by a certificate, for replication too', async () => {
    assert.equal(await tlsOf(base), 't');
    const connection = await connectToServer({ ...base, sslmode: 'verify-full' }, 'replication', never);
    assert.equal((await identifySystem(connection)).timeline, 1);
    connection.close();
  });

  it('refuse a server of another authority, or of another name where names count', async () => {
    await fails({ sslrootcert: at('other.crt') }, /certificate signature failure|self-signed|unable to verify/i);
    await fails({ sslmode: 'verify-full', host: 'elsewhere' }, /altnames|does not match/i);
    await fails({ sslrootcert: '' }, /needs sslrootcert/);
    await fails({ sslrootcert: at('missing.crt') }, /sslrootcert=.*cannot be read/);
  });

  it('are refused by the server without a certificate that it trusts', async () => {
    await fails({ sslcert: at('foreign.crt'), sslkey: at('foreign.key') }, /./);
    await fails({ sslmode: 'require', sslrootcert: '', sslcert: '', sslkey: '' }, /certificate/);
    await fails({ sslmode: 'disable' }, /no pg_hba.conf entry/);
  });

  it('take passwords from a file, by SCRAM, MD5 or in clear', async () => {
    const withPassword = { host: '127.0.0.1', port: base.port ?? '', dbname: 'postgres', passfile: at('pass') };
    assert.equal(await tlsOf({ ...withPassword, user: 'scram' }), 't');
    assert.equal(await tlsOf({ ...withPassword, user: 'scram', sslmode: 'disable' }), 'f');
    assert.equal(await tlsOf({ ...withPassword, user: 'plain', password: 'p' }), 't');
    const legacy = await connectToServer({ ...withPassword, user: 'legacy' }, 'replication', never);
    legacy.close();
    await assert.rejects(
      tlsOf({ ...withPassword, user: 'scram', password: 'wrong' }),
      /password authentication failed/,
    );
    await assert.rejects(tlsOf({ ...withPassword, user: 'plain', passfile: '' }), /wants a password for "plain"/);
  });

  it('try every host of a list', async () => {
    assert.equal(
      await tlsOf({ ...base, host: 'gone,pg-rw', hostaddr: '127.0.0.1,127.0.0.1', port: `1,${base.port}` }),
      't',
    );
  });

  it('stay usable after an error of the server', async () => {
    const connection = await connectToServer(base, 'database', never);
    await assert.rejects(query(connection, 'SELECT nonsense'), (error: ServerError) => error.code === '42703');
    assert.deepEqual(await query(connection, "SELECT 1 AS one, NULL AS none, 'é' AS text"), [
      { one: '1', none: null, text: 'é' },
    ]);
    connection.close();
  });

  it('end when they are aborted', async () => {
    const abort = new AbortController();
    const connection = await connectToServer(base, 'database', abort.signal);
    const asked = query(connection, 'SELECT pg_sleep(60)');
    abort.abort();
    await assert.rejects(asked);
    await assert.rejects(connectToServer(base, 'database', abort.signal));
  });
});

describe('connection parameters', () => {
  it('name a target for each host; one port serves all', () => {
    const targets = targetsOf({ host: 'a,b', port: '7', user: 'x' });
    assert.deepEqual(
      targets.map(({ host, port }) => `${host}:${port}`),
      ['a:7', 'b:7'],
    );
    assert.deepEqual(
      targetsOf({ host: 'a' }).map(({ port }) => port),
      ['5432'],
    );
  });

  it('find their line in a password file', () => {
    const text = '# comment\nh\\:x:5432:db:u:a\\:b\n*:*:replication:u:r\nlocalhost:*:*:u:sock\n';
    assert.equal(findPassword(text, { host: 'h:x', port: '5432', user: 'u' }, 'db'), 'a:b');
    assert.equal(findPassword(text, { host: 'other', user: 'u' }, 'replication'), 'r');
    assert.equal(findPassword(text, { host: '/run', user: 'u' }, 'db'), 'sock');
    assert.equal(findPassword(text, { host: 'other', user: 'u' }, 'db'), undefined);
  });
});
