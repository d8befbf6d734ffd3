import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  dropPrivileges,
  makeDataDirectory,
  makeScratch,
  runServer,
  type Scratch,
  type TestServer,
  usePostgres,
} from '@matriarch/postgres/testing';
import pg from 'pg';
import { createDatabase, type Database } from '../database.ts';
import { refuseWrites } from './quiet.ts';

dropPrivileges();
usePostgres();

let scratch: Scratch;
let server: TestServer;
let database: Database;

before(async () => {
  scratch = makeScratch();
  const pgData = await makeDataDirectory(scratch.path, 'data');
  await writeFile(join(pgData, 'custom.conf'), '');
  await appendFile(join(pgData, 'postgresql.conf'), "include 'custom.conf'\n");
  server = await runServer(scratch.path, pgData);
  database = createDatabase({ socketDirectory: server.socketDirectory, user: 'postgres' });
  await database.query('CREATE TABLE public.kept (n int)');
});

after(async () => {
  await database.close();
  await server.stop();
  await scratch.remove();
});

test('a transaction under way is waited for and commits, and later ones are refused', async () => {
  const insert = 'INSERT INTO public.kept VALUES (1)';
  const [idle, writing] = [await client(), await client()];
  await writing.query('BEGIN');
  await writing.query(insert);
  let quiet = false;
  const refusing = refuseWrites(database, server.pgData, 60_000).then(() => {
    quiet = true;
  });
  while (!(await isRefused(idle.query(insert)))) assert.equal(quiet, false, 'writes are refused before it ends');
  assert.equal(quiet, false, 'the open transaction is waited for');
  await writing.query('COMMIT');
  await refusing;
  await assert.rejects(writing.query(insert), { code: '25006' });
  const { rows } = await idle.query<{ count: number }>('SELECT count(*)::int AS count FROM public.kept WHERE n = 1');
  assert.ok(Number(rows[0]?.count) >= 1);
  await Promise.all([idle.end(), writing.end()]);
});

test('a transaction that does not end holds it up for a moment only', async () => {
  const writing = await client();
  await writing.query('BEGIN READ WRITE');
  await writing.query('INSERT INTO public.kept VALUES (2)');
  await refuseWrites(database, server.pgData);
  await writing.query('COMMIT');
  await writing.end();
});

/** A session as a user has it; our own ones do not obey the setting. */
async function client(): Promise<pg.Client> {
  const session = new pg.Client({ host: server.socketDirectory, user: 'postgres', database: 'postgres' });
  await session.connect();
  return session;
}

async function isRefused(insert: Promise<unknown>): Promise<boolean> {
  try {
    await insert;
    return false;
  } catch (error) {
    assert.equal((error as { code?: string }).code, '25006');
    return true;
  }
}
