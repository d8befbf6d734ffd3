import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeReadable } from './reachable.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('a private installation becomes readable, and only what could be run can be run', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'reachable-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'bin'), { mode: 0o700 });
  writeFileSync(join(folder, 'bin/program'), '', { mode: 0o700 });
  writeFileSync(join(folder, 'data'), '', { mode: 0o600 });
  symlinkSync('/nowhere', join(folder, 'dangling'));
  await makeReadable(folder);
  assert.deepEqual(
    ['', 'bin', 'bin/program', 'data'].map((name) => modeOf(join(folder, name))),
    [0o755, 0o755, 0o755, 0o644],
  );
});
