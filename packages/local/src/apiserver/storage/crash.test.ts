import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sqliteBackend } from './backend.ts';

const WRITER = `
  import { sqliteBackend } from ${JSON.stringify(new URL('./backend.ts', import.meta.url).href)};
  import { writeSync } from 'node:fs';
  const backend = sqliteBackend(process.argv[1]);
  for (let version = 2; ; version += 1) {
    backend.put('/configmaps//' + (version % 7), version, JSON.stringify({ version }));
    writeSync(1, version + '\\n');
  }
`;

/** Starts a process that writes without end and kills it as soon as it has told of `count` writes. */
function writeUntilKilled(path: string, count: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > count) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(Math.max(...text.trim().split('\n').map(Number))));
  });
}

test('after kill -9 in the middle of writing every write that was told of is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  try {
    const path = join(folder, 'objects.db');
    const told = await writeUntilKilled(path, 200);
    const backend = sqliteBackend(path);
    const { rows, version } = backend.load();
    backend.close();
    assert.ok(told >= 200);
    assert.ok(version >= told, `version ${version}, told ${told}`);
    assert.equal(Math.max(...rows.map((row) => row.version)), version);
    for (const row of rows) assert.equal(row.json, JSON.stringify({ version: row.version }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
