import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { managerFiles } from '@matriarch/api';
import { packedHash, packFiles } from '@matriarch/objectstore';
import { containerLayout, type Layout } from '../paths.ts';
import { installProgram, removeOtherVersions, versionsFolder } from './install.ts';
import { programHash } from './program.ts';
import { receiveProgram } from './receive.ts';

interface Place {
  /** A program to send; its `manager` prints the name of the version. */
  readonly source: string;
  readonly layout: Layout;
}

/** A pod with the program that its start copied, and another version of it to be sent. */
function place(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'update-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const layout = containerLayout({ CONTAINER_SANDBOX_MOUNT_POINT: folder });
  writeProgram(layout.controller, 'first');
  const source = join(folder, 'source');
  writeProgram(source, 'second');
  return { source, layout };
}

function writeProgram(folder: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of managerFiles) {
    const text = name === 'manager' ? `#!/bin/sh\necho ${version}\n` : `${name} of ${version}`;
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
}

const started = ({ layout }: Place): string => execFileSync(layout.manager, { encoding: 'utf8' }).trim();

async function* cut(folder: string, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const piece of packFiles(folder, managerFiles)) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

test('a received version starts from the moment it is installed, and the former one goes when the new one runs', async (t) => {
  const where = place(t);
  const { source, layout } = where;
  const program = await receiveProgram(packFiles(source, managerFiles), versionsFolder(layout));
  assert.equal(program.hash, await packedHash(source, managerFiles));
  assert.equal(started(where), 'first');
  await installProgram(program, layout);
  assert.equal(started(where), 'second');
  const folder = join(versionsFolder(layout), program.hash);
  assert.equal(await programHash(folder), program.hash);
  assert.ok(existsSync(join(layout.controller, 'node')), 'the first one may still start its worker');

  mkdirSync(join(versionsFolder(layout), 'incoming-left'));
  await removeOtherVersions(folder, layout);
  assert.deepEqual(readdirSync(versionsFolder(layout)), [program.hash]);
  assert.deepEqual(readdirSync(layout.controller).sort(), ['manager', 'versions']);
  assert.equal(started(where), 'second');
});

test('an archive that ends anywhere before its end leaves everything as it was', async (t) => {
  const where = place(t);
  const { source, layout } = where;
  const whole = (await Array.fromAsync(packFiles(source, managerFiles))).reduce((sum, { length }) => sum + length, 0);
  // The second of the two blocks of the end mark says nothing more; the hash tells that it is missing.
  for (let bytes = 0; bytes <= whole - 1024; bytes += 100) {
    await assert.rejects(receiveProgram(cut(source, bytes), versionsFolder(layout)), /incomplete/, `${bytes} bytes`);
  }
  assert.deepEqual(readdirSync(versionsFolder(layout)), []);
  assert.equal(started(where), 'first');
});

test('only the files of an instance manager are taken', async (t) => {
  const { source, layout } = place(t);
  writeFileSync(join(source, 'other'), '');
  const versions = versionsFolder(layout);
  await assert.rejects(receiveProgram(packFiles(source, ['other']), versions), /holds "other"/);
  await assert.rejects(receiveProgram(packFiles(source, ['../source/node']), versions), /holds "\.\.\/source\/node"/);
  await assert.rejects(receiveProgram(packFiles(source, ['node', 'node']), versions), /holds "node"/);
  await assert.rejects(
    receiveProgram(packFiles(source, ['node']), versions),
    /lacks instance\.mjs, manager, worker\.mjs/,
  );
});

test('a version that does not start is not installed', async (t) => {
  const where = place(t);
  const { source, layout } = where;
  writeFileSync(join(source, 'manager'), '#!/bin/sh\necho no such library >&2\nexit 127\n', { mode: 0o755 });
  const program = await receiveProgram(packFiles(source, managerFiles), versionsFolder(layout));
  await assert.rejects(installProgram(program, layout), /does not start here: no such library/);
  assert.equal(started(where), 'first');
});

test('an installed version is kept by the next start of the container, and lost by one of the pod', async (t) => {
  const where = place(t);
  const { source, layout } = where;
  const program = await receiveProgram(packFiles(source, managerFiles), versionsFolder(layout));
  await installProgram(program, layout);
  assert.equal(readlinkSync(layout.manager), join('versions', program.hash, 'manager'));
  assert.match(readFileSync(join(layout.controller, 'versions', program.hash, 'node'), 'utf8'), /second/);
  rmSync(layout.manager);
  writeProgram(layout.controller, 'first');
  await removeOtherVersions(layout.controller, layout);
  assert.deepEqual(readdirSync(versionsFolder(layout)), []);
  assert.equal(started(where), 'first');
});
