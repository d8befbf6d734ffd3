import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { noKubectl } from '../e2e/support/kubectl.ts';

// The recordings of a real API server, replayed group by group; none may fall below baseline.json.

const run = promisify(execFile);
const player = join(import.meta.dirname, 'play.ts');
const groups = readdirSync(join(import.meta.dirname, 'kube-api'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))
  .sort();

describe('the API server answers as a real one', { timeout: 300_000 }, () => {
  for (const group of groups) {
    test(group, { skip: group === '11-kubectl' ? noKubectl : false }, async (t) => {
      const { stdout } = await run(process.execPath, [player, group]).catch(
        (error: { stdout: string; stderr: string }) => assert.fail(`${error.stdout}${error.stderr}`),
      );
      const line = stdout.trim();
      assert.match(line, /^\S+: \d+ of \d+ steps/);
      t.diagnostic(line);
    });
  }
});
