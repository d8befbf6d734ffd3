import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, readPostmasterPid } from '@matriarch/postgres';
import {
  dropPrivileges,
  makeDataDirectory,
  makeScratch,
  runServer,
  type Scratch,
  type TestServer,
  usePostgres,
} from '@matriarch/postgres/testing';
import { createDatabase } from '../database.ts';

dropPrivileges();
usePostgres();

const script = fileURLToPath(new URL('../../../../deploy/image/manager', import.meta.url));
let scratch: Scratch;
let server: TestServer;

before(async () => {
  scratch = makeScratch();
  server = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'data'));
});

after(async () => {
  await server.stop();
  await scratch.remove();
});

test('PostgreSQL runs until its time is over, and then nothing of it', { timeout: 60_000 }, async () => {
  const file = join(scratch.path, 'authority');
  const uptime = async () => Math.floor(Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]));
  const pid = (await readPostmasterPid(server.pgData))?.pid ?? 0;
  const database = createDatabase({ socketDirectory: server.socketDirectory, user: 'postgres' });
  const [row] = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await writeFile(file, `${(await uptime()) + 1000}\n`);
  const watchdog = spawn('sh', [script, 'watchdog', server.pgData, String(pid), file], { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => watchdog.once('exit', resolve));
  const looks = await Promise.race([ended, sleep(2500, 'still watching')]);
  assert.equal(looks, 'still watching');
  assert.ok(await isAlive(pid));
  await writeFile(file, `${(await uptime()) - 1}\n`);
  assert.equal(await ended, 0);
  for (const each of [pid, row?.pid ?? 0]) while (await isAlive(each)) await sleep(20);
  await database.close();
});

test('a server that nobody waited for has ended, and the watch with it', { timeout: 60_000 }, async (t) => {
  const program = join(scratch.path, 'postgres');
  await symlink('/bin/sleep', program);
  const file = join(scratch.path, 'far');
  await writeFile(file, '1000000000\n');
  // The second program does not know of the child that the first one started.
  const parent = spawn('sh', ['-c', `"$0" 0.1 & echo $!; exec sleep 60`, program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(String(line));
  while (await isAlive(pid)) await sleep(20);
  assert.match(await readFile(`/proc/${pid}/stat`, 'utf8'), /\(postgres\) Z/);
  const watchdog = spawn('sh', [script, 'watchdog', scratch.path, String(pid), file], { stdio: 'ignore' });
  t.after(() => watchdog.kill('SIGKILL'));
  const [code] = (await once(watchdog, 'exit')) as [number | null];
  assert.equal(code, 0);
});
