import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recoveryTargetTime } from './recoveryTime.ts';

test('target times', () => {
  const cases = [
    ['2026-01-31', '2026-01-31'],
    ['2026-01-31 10:20:30.5+02', '2026-01-31 10:20:30.5+02'],
    ['2026-01-31 10:20:30-02:30:15', '2026-01-31 10:20:30-02:30:15'],
    ['0044-03-15 10:20:30Z BC', '0044-03-15 10:20:30Z BC'],
    ['2026-01-31T10:20:30Z', '2026-01-31 10:20:30.000000+00:00'],
    ['2026-01-31T10:20:30.123456789+05:30', '2026-01-31 10:20:30.123456+05:30'],
    ['2026-01-31T10:20:30', '2026-01-31 10:20:30.000000+00:00'],
    ['2024-02-29T00:00:00.1', '2024-02-29 00:00:00.100000+00:00'],
    ['2026-02-29T00:00:00Z', undefined],
    ['2026-01-31T24:00:00Z', undefined],
    ['2026-01-31T10:20:30+24:00', undefined],
    ['2026-01-31T10:20', undefined],
    ['2026-01-31 10:20:30 +02', undefined],
    ['31.01.2026', undefined],
    ['', undefined],
  ] as const;
  for (const [text, expected] of cases) assert.equal(recoveryTargetTime(text), expected, text);
});
