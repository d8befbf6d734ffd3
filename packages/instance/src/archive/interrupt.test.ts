import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSpoolPipes, type SpoolPipes } from '../worker/pipes.ts';
import { createInterrupt, stoppingReason } from './interrupt.ts';

const script = join(import.meta.dirname, '../../../../deploy/image/manager');

/** The script beside its spools, and a worker that hears every request and answers none. */
async function silentWorker(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'interrupt-'));
  const archiveSpool = join(folder, 'wal-archive-spool');
  const restoreSpool = join(folder, 'wal-restore-spool');
  const heard = Promise.withResolvers<string>();
  const pipes: SpoolPipes[] = [];
  for (const spool of [archiveSpool, restoreSpool]) {
    await mkdir(spool);
    await writeFile(join(spool, '.mode'), 'worker\n');
    pipes.push(
      await openSpoolPipes(
        spool,
        (words) => heard.resolve(words.join(' ')),
        () => undefined,
      ),
    );
  }
  await copyFile(script, join(folder, 'manager'));
  t.after(async () => {
    for (const pipe of pipes) pipe.close();
    await rm(folder, { recursive: true, force: true });
  });
  const run = (...args: string[]) => {
    const child = spawn('sh', [join(folder, 'manager'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (piece: Buffer) => (text += piece.toString()));
    return new Promise<{ code: number | null; text: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, text })),
    );
  };
  return { run, heard: heard.promise, spools: { archiveSpool, restoreSpool } };
}

test('a restore that waits is answered at once, and later ones are refused, until PostgreSQL has ended', async (t) => {
  const { run, heard, spools } = await silentWorker(t);
  const interrupt = createInterrupt(spools);
  const waiting = run('wal-restore', '000000010000000000000001', '/nowhere');
  assert.match(await heard, /^restore 000000010000000000000001 /);
  interrupt.begin(false);
  const { code, text } = await waiting;
  assert.equal(code, 1);
  assert.match(text, new RegExp(stoppingReason));
  assert.equal((await run('wal-restore', '000000010000000000000002', '/nowhere')).code, 1);
  await interrupt.end();
  assert.equal(interrupt.active, false);
});

test('an archive command may go on for a while, and not where the store fails', async (t) => {
  const { run, heard, spools } = await silentWorker(t);
  const patient = createInterrupt(spools, 60_000);
  const waiting = run('wal-archive', 'pg_wal/000000010000000000000001');
  assert.equal(await heard, 'archive 000000010000000000000001');
  patient.begin(false);
  patient.archiveFailed();
  assert.match((await waiting).text, new RegExp(stoppingReason));
  assert.match((await run('wal-archive', 'pg_wal/000000010000000000000001')).text, new RegExp(stoppingReason));
  await patient.end();
});

test('an archive command is given up when its time is over', async (t) => {
  const { run, heard, spools } = await silentWorker(t);
  const interrupt = createInterrupt(spools, 1);
  const waiting = run('wal-archive', 'pg_wal/000000010000000000000001');
  await heard;
  interrupt.begin(false);
  assert.equal((await waiting).code, 1);
  await interrupt.end();
});
