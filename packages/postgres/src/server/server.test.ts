import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Client } from 'pg';
import { readControlData } from '../control/read.ts';
import { dropPrivileges, makeDataDirectory, makeScratch, runServer, usePostgres } from '../testing/server.ts';
import { findRunningPostmaster, isAlive, parsePostmasterPid, readPostmasterPid } from './pidfile.ts';
import { ProgramError, runProgram } from './program.ts';
import { checkReadiness, readAnswer, socketPath } from './ready.ts';
import { startServer, waitUntilReady } from './start.ts';
import { stopServer } from './stop.ts';

dropPrivileges();
usePostgres();

describe('a server process', { timeout: 60_000 }, () => {
  const scratch = makeScratch();
  after(() => scratch.remove());

  it('is found, asked and stopped; a smart stop waits for clients until it is hurried', async () => {
    const pgData = await makeDataDirectory(scratch.path, 'stop');
    const { server, socketDirectory } = await runServer(scratch.path, pgData);
    const path = socketPath(socketDirectory);
    assert.equal((await findRunningPostmaster(pgData))?.pid, server.pid);
    assert.equal((await readPostmasterPid(pgData))?.socketDirectory, socketDirectory);
    assert.equal(await checkReadiness(path, 2000), 'accepting');
    const client = new Client({ host: socketDirectory, user: 'postgres', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();

    const hurry = new AbortController();
    const phases = [
      { mode: 'smart', timeoutMs: 30_000 },
      { mode: 'fast', timeoutMs: 30_000 },
    ] as const;
    const stopped = stopServer(server, phases, hurry.signal);
    while ((await checkReadiness(path, 2000)) === 'accepting');
    assert.equal(await checkReadiness(path, 2000), 'rejecting');
    assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
    hurry.abort();
    assert.equal(await stopped, 'fast');
    assert.equal(await checkReadiness(path, 2000), 'no response');
    assert.equal(await findRunningPostmaster(pgData), undefined);
    assert.equal((await readControlData(pgData)).state, 'shut down');
  });

  it('leaves its pid file behind when it is killed, and nobody takes that for a server', async () => {
    const pgData = await makeDataDirectory(scratch.path, 'kill');
    const { server } = await runServer(scratch.path, pgData);
    assert.equal(await stopServer(server, [{ mode: 'kill', timeoutMs: 10_000 }]), 'kill');
    assert.equal((await readPostmasterPid(pgData))?.pid, server.pid);
    assert.equal(await findRunningPostmaster(pgData), undefined);
    assert.equal((await readControlData(pgData)).state, 'in production');
  });

  it('is not mistaken for another process with its number', async () => {
    const pgData = join(scratch.path, 'reused');
    mkdirSync(pgData);
    writeFileSync(join(pgData, 'postmaster.pid'), `${process.pid}\n${pgData}\n`);
    assert.equal(await isAlive(process.pid), true);
    assert.equal(await findRunningPostmaster(pgData), undefined);
  });

  it('that cannot start is told at once', async () => {
    const pgData = join(scratch.path, 'empty');
    mkdirSync(pgData);
    const server = await startServer({ pgData, stdio: 'ignore' });
    await assert.rejects(waitUntilReady(server, 30_000), /ended before it accepted connections \(code \d+\)/);
  });
});

describe('postmaster.pid', () => {
  it('is read while it grows', () => {
    assert.equal(parsePostmasterPid(''), undefined);
    assert.equal(parsePostmasterPid('x\n'), undefined);
    assert.deepEqual(parsePostmasterPid('17\n/data\n1700000000\n5432\n/run\n'), {
      pid: 17,
      startedAt: 1_700_000_000,
      port: 5432,
      socketDirectory: '/run',
      status: undefined,
    });
    assert.equal(parsePostmasterPid('17\n/data\n1700000000\n5432\n/run\n*\n 1 2\nstandby \n')?.status, 'standby');
  });
});

describe('the first answer of a server', () => {
  const answer = (code: string) => {
    const body = Buffer.from(`SFATAL\0C${code}\0Mno\0\0`);
    const head = Buffer.from('E\0\0\0\0');
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };

  it('tells whether it takes connections', () => {
    assert.equal(readAnswer(Buffer.from('R\0\0\0\x08\0\0\0\0')), 'accepting');
    assert.equal(readAnswer(answer('57P03')), 'rejecting');
    assert.equal(readAnswer(answer('28000')), 'accepting');
    assert.equal(readAnswer(answer('57P03').subarray(0, 12)), undefined);
  });
});

describe('a program', () => {
  it('that fails is told with the end of its output, and each line as it came', async () => {
    const lines: string[] = [];
    const script = 'echo one; echo two >&2; exit 3';
    await assert.rejects(
      runProgram('sh', ['-c', script], { timeoutMs: 10_000, onLine: (pipe, line) => lines.push(`${pipe}: ${line}`) }),
      (error: unknown) => error instanceof ProgramError && error.exitCode === 3 && error.output.includes('two'),
    );
    assert.deepEqual(lines.sort(), ['stderr: two', 'stdout: one']);
  });

  it('is ended when its time is over, and told when it is not there', async () => {
    await assert.rejects(runProgram('sleep', ['60'], { timeoutMs: 50 }), /was ended by SIGKILL/);
    await assert.rejects(runProgram('no-such-program', [], { timeoutMs: 1000 }), /no-such-program could not be run/);
  });
});
