import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { killOwned, ownedProcesses, parseStat, processFacts, sandboxIn } from './processes.ts';

test('a name with blanks and parentheses does not confuse the facts', () => {
  const fields = ['S', '1', '42', '43', ...Array(15).fill('0'), '98765', '0'];
  const facts = parseStat(`44 (a) b (c) ${fields.join(' ')}`);
  assert.deepEqual(facts, { pid: 44, parent: 1, group: 42, session: 43, started: '98765', dead: false });
  assert.equal(parseStat(`44 (z) ${['Z', ...fields.slice(1)].join(' ')}`)?.dead, true);
  assert.equal(parseStat(''), undefined);
});

test('an environment that was overwritten tells nothing', () => {
  assert.equal(sandboxIn('A=1\0CONTAINER_SANDBOX_MOUNT_POINT=/tmp/x\0'), '/tmp/x');
  assert.equal(sandboxIn('A=1\0B=2\0'), '');
  assert.equal(sandboxIn('\0\0\0'), undefined);
  assert.equal(sandboxIn('postgres: checkpointer\0\0'), undefined);
});

test('a child that left the group is found by its environment and ended', {
  skip: process.platform !== 'linux',
}, async () => {
  const sandbox = `/tmp/matriarch-test-${process.pid}`;
  const script = 'setsid sh -c "sleep 1000; :" & echo started; sleep 1000';
  const env = { PATH: process.env.PATH, CONTAINER_SANDBOX_MOUNT_POINT: sandbox };
  const child = spawn('sh', ['-c', script], { env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  const ownership = { owns: (path: string) => path === sandbox, directories: [], marks: [] };
  const sessions = new Set(ownedProcesses(ownership).map(({ session }) => session));
  assert.ok(sessions.size >= 1);
  await killOwned(ownership);
  await exited;
  assert.deepEqual(ownedProcesses(ownership), []);
});

test('a mark of a process that is gone hits nobody else', () => {
  const own = processFacts(process.pid);
  assert.ok(own);
  const marks = [{ pid: process.ppid, started: 'another' }];
  assert.deepEqual(ownedProcesses({ owns: () => false, directories: [], marks }), []);
});
