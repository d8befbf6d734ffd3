import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataDirectory, prepareLayout } from '../node/layout.ts';
import { removeState } from './remove.ts';

test('removal ends what a kill left running and leaves nothing, also not what is kept elsewhere', async () => {
  // As root such a directory cannot be passed by the pods' user, so that their files lie elsewhere.
  const stateDir = mkdtempSync(join(tmpdir(), 'matriarch-remove-'));
  const { pods, sandboxes } = prepareLayout(stateDir);
  const folders = [stateDir, dataDirectory(stateDir), sandboxes];
  const env = { ...process.env, CONTAINER_SANDBOX_MOUNT_POINT: join(sandboxes, 'c') };
  const left = spawn('sleep', ['1000'], { cwd: pods, env, stdio: 'ignore' });
  const ended = once(left, 'exit');
  await once(left, 'spawn');
  await removeState(stateDir);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.deepEqual(folders.filter(existsSync), []);
  await removeState(stateDir);
  assert.equal(existsSync(stateDir), false);
});
