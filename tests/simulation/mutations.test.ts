import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { mutations } from './mutations/mutations.ts';
import { runSchedule } from './run.ts';

/** Within so many seeds each defect must show. */
const seeds = 400;

for (const mutation of mutations) {
  test(`caught: ${mutation.what}`, (context) => {
    const { from = 1 } = mutation;
    for (let seed = from; seed < from + seeds; seed += 1) {
      const { failure } = runSchedule(seed, mutation);
      if (failure === undefined) continue;
      const { failure: real } = runSchedule(seed, { faults: mutation.faults });
      assert.equal(real, undefined, `seed ${seed} fails with the real decisions too`);
      context.diagnostic(`seed ${seed}: ${failure.rule}: ${failure.text}`);
      return;
    }
    assert.fail(`${seeds} seeds do not show it`);
  });
}

test('docs/simulation.md tells of every mutation', async () => {
  const page = await readFile(new URL('../../docs/simulation.md', import.meta.url), 'utf8');
  const missing = mutations.filter(({ name, what }) => !page.includes(`| ${name} | ${what} |`));
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});
