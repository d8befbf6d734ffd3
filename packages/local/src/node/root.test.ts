import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeFiles } from './atomic-files.ts';
import { resolveProgram, StartError } from './command.ts';
import { buildRoot, MountError } from './root.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'matriarch-root-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const image = { reference: 'x', path: [], env: {}, files: {} };

test('mounts are links, also within one another; the rest is fresh at each start', (t) => {
  const base = directory(t);
  const root = join(base, 'root');
  mkdirSync(join(base, 'outer'));
  mkdirSync(join(base, 'inner'));
  const volumeMounts = [
    { name: 'inner', mountPath: '/data/in', subPath: 'a/b' },
    { name: 'outer', mountPath: '/data' },
  ];
  const volumes = new Map([
    ['outer', join(base, 'outer')],
    ['inner', join(base, 'inner')],
  ]);
  const input = { root, container: { name: 'c', volumeMounts }, image, volumes, user: undefined, env: {} };
  buildRoot(input);
  writeFileSync(join(root, 'data/in/file'), 'kept');
  writeFileSync(join(root, 'tmp/file'), 'gone');
  buildRoot(input);
  assert.equal(readFileSync(join(base, 'inner/a/b/file'), 'utf8'), 'kept');
  assert.equal(existsSync(join(root, 'tmp/file')), false);
});

test('a subPath does not leave its volume', (t) => {
  const base = directory(t);
  const volumeMounts = [{ name: 'v', mountPath: '/v', subPath: '../other' }];
  const input = {
    root: join(base, 'root'),
    container: { name: 'c', volumeMounts },
    image,
    volumes: new Map([['v', base]]),
    user: undefined,
    env: {},
  };
  assert.throws(() => buildRoot(input), MountError);
});

test('absolute programs are those of the container, others come from PATH', (t) => {
  const base = directory(t);
  writeFileSync(join(base, 'prog'), '', { mode: 0o755 });
  buildRoot({
    root: join(base, 'root'),
    container: { name: 'c' },
    image: { ...image, files: { '/manager': join(base, 'prog') } },
    volumes: new Map(),
    user: undefined,
    env: {},
  });
  assert.match(resolveProgram('/manager', join(base, 'root'), ''), /prog$/);
  assert.equal(resolveProgram('prog', join(base, 'root'), `/none:${base}`), join(base, 'prog'));
  assert.throws(() => resolveProgram('/bin/sh', join(base, 'root'), '/bin'), StartError);
  assert.throws(() => resolveProgram('nowhere', join(base, 'root'), base), /executable file not found in \$PATH/);
});

test('files of a volume change together, and only when they differ', (t) => {
  const path = directory(t);
  const files = (text: string) => new Map([['dir/key', { data: Buffer.from(text), mode: 0o640 }]]);
  assert.equal(writeFiles(path, files('a'), undefined, '1'), true);
  assert.equal(writeFiles(path, files('a'), undefined, '2'), false);
  assert.equal(writeFiles(path, files('b'), undefined, '3'), true);
  assert.equal(readFileSync(join(path, 'dir/key'), 'utf8'), 'b');
  assert.equal(statSync(join(path, 'dir/key')).mode & 0o777, 0o640);
  assert.equal(existsSync(join(path, '..1')), false);
  writeFiles(path, new Map([['other', { data: Buffer.from('c'), mode: 0o600 }]]), undefined, '4');
  assert.equal(existsSync(join(path, 'dir')), false);
});
