// Whatever the schema admits, defaults and validation give an answer, and the same one twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kinds } from '../crds.ts';
import { defaultApiConfig } from '../names/defaults.ts';
import { arbitraryOf } from '../testing/arbitrary.ts';
import { type Admitted, applyDefaults, validate } from './admission.ts';

const admitted = ['Cluster', 'Backup', 'ScheduledBackup', 'Database', 'Pooler'];

for (const { kind, spec } of kinds.filter((definition) => admitted.includes(definition.kind))) {
  assert.ok(spec);
  test(`defaults and validation of a random ${kind}`, () => {
    fc.assert(
      fc.property(arbitraryOf(spec), arbitraryOf(spec), (before, after) => {
        const metadata = { name: 'it', namespace: 'savanna' };
        const object = (content: unknown) => ({ metadata, spec: content });
        const old = { kind, object: object(before) } as Admitted;
        const changed = { kind, object: object(after), old: old.object } as Admitted;
        const filled = applyDefaults(changed, defaultApiConfig);
        const request = { ...changed, object: filled } as Admitted;
        assert.deepEqual(applyDefaults(request, defaultApiConfig), filled);
        for (const error of validate(request, defaultApiConfig).errors) {
          assert.match(error.path, /^(spec|metadata)\b/);
          assert.ok(error.detail.length > 8, error.path);
        }
      }),
      { numRuns: 60 },
    );
  });
}
