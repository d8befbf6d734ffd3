import assert from 'node:assert/strict';
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
import { createDatabase, type Database } from '../database.ts';
import { fillSegment } from './segment.ts';

dropPrivileges();
usePostgres();

let scratch: Scratch;
let server: TestServer;
let database: Database;

before(async () => {
  scratch = makeScratch();
  server = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'data'));
  database = createDatabase({ socketDirectory: server.socketDirectory, user: 'postgres' });
});

after(async () => {
  await database.close();
  await server.stop();
  await scratch.remove();
});

interface Place {
  readonly [column: string]: unknown;
  readonly file: string;
  readonly offset: number;
}

const place = async () => {
  const [row] = await database.query<Place>(
    'SELECT file_name AS file, file_offset AS offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())',
  );
  assert.ok(row);
  return row;
};

test('a segment is filled nearly to its end, and a full one is left as it is', async () => {
  await database.query('SELECT pg_switch_wal()');
  await database.query("SELECT pg_logical_emit_message(false, 'test', 'x')");
  const begun = await place();
  assert.ok(begun.offset < 1024 * 1024);
  await fillSegment(database);
  const filled = await place();
  assert.equal(filled.file, begun.file);
  assert.ok(filled.offset > 15.5 * 1024 * 1024, `${filled.offset} bytes are filled`);
  await fillSegment(database);
  assert.equal((await place()).file, begun.file);
});
