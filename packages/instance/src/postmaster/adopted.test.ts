import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { adoptProcess, markOf } from './adopted.ts';

const run = promisify(execFile);
const skip = process.platform === 'linux' ? false : 'a process is replaced in place, and /proc is there, on Linux only';

/** Starts a child, becomes another program, and tells as JSON how the child ended for that one. */
function program(child: string, after: string): string {
  const adopted = JSON.stringify(join(import.meta.dirname, 'adopted.ts'));
  return `
    const { adoptProcess, markOf } = await import(${adopted});
    if (process.env.MARK === undefined) {
      const child = (await import('node:child_process')).spawn('sh', ['-c', ${JSON.stringify(child)}], { stdio: 'ignore' });
      const MARK = JSON.stringify(markOf(child.pid));
      process.execve(process.execPath, [process.execPath, ...process.execArgv], { ...process.env, MARK });
    }
    const target = adoptProcess(JSON.parse(process.env.MARK), '/nowhere');
    ${after}
    console.log(JSON.stringify(await target.exited));
    process.exit(0);`;
}

async function endOf(child: string, after: string): Promise<unknown> {
  const args = ['--no-warnings', '--input-type=module', '-e', program(child, after)];
  const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
  return JSON.parse(stdout);
}

test('the end of a child that another program of this process started is seen', { skip }, async () => {
  assert.deepEqual(await endOf("trap 'exit 3' TERM; while :; do sleep 0.1; done", "target.kill('SIGTERM');"), {
    code: 3,
    signal: null,
  });
  assert.deepEqual(await endOf('exec sleep 60', "target.kill('SIGQUIT');"), { code: null, signal: 'SIGQUIT' });
});

test('only a child of this process is adopted, and only the one that was marked', { skip }, async (t) => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const mark = markOf(child.pid ?? 0);
  assert.ok(mark);
  assert.equal(adoptProcess({ ...mark, started: `${Number(mark.started) - 1}` }, '/nowhere'), undefined);
  const parent = markOf(process.ppid);
  assert.ok(parent);
  assert.equal(adoptProcess(parent, '/nowhere'), undefined);
  const adopted = adoptProcess(mark, '/nowhere');
  assert.ok(adopted);
  adopted.kill('SIGTERM');
  await adopted.exited;
  assert.equal(markOf(child.pid ?? 0), undefined);
  adopted.kill('SIGTERM');
});
