import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerLayout, resolvePath } from './paths.ts';

test('without a mount point a path is where it says', () => {
  assert.equal(resolvePath('/controller/run', {}), '/controller/run');
  assert.equal(resolvePath('/controller/run', { CONTAINER_SANDBOX_MOUNT_POINT: '' }), '/controller/run');
});

test('with a mount point absolute paths lie below it, once', () => {
  const environment = { CONTAINER_SANDBOX_MOUNT_POINT: '/tmp/m1/' };
  assert.equal(resolvePath('/controller/run', environment), '/tmp/m1/controller/run');
  assert.equal(resolvePath('/tmp/m1/controller/run', environment), '/tmp/m1/controller/run');
  assert.equal(resolvePath('/tmp/m12/x', environment), '/tmp/m1/tmp/m12/x');
  assert.equal(resolvePath('pg_wal/0001', environment), 'pg_wal/0001');
});

test('the layout takes PGDATA from the environment and resolves it', () => {
  const layout = containerLayout({ PGDATA: '/data/pg', CONTAINER_SANDBOX_MOUNT_POINT: '/s' });
  assert.equal(layout.pgData, '/s/data/pg');
  assert.equal(layout.manager, '/s/controller/manager');
});
