import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  isQuantity,
  quantityMilliValue,
  quantityValue,
} from './quantity.ts';

test('quantities are written with the largest suffix that leaves no fraction', () => {
  const cases: [string, string][] = [
    ['0.5Gi', '512Mi'],
    ['1.5', '1500m'],
    ['1000m', '1'],
    ['2048Ki', '2Mi'],
    ['1e3', '1e3'],
    ['0', '0'],
    ['0Gi', '0'],
    ['1500M', '1500M'],
    ['-1.5', '-1500m'],
    ['1000', '1k'],
  ];
  for (const [given, expected] of cases) assert.equal(canonicalQuantity(given), expected, given);
});

test('amounts are compared, not their texts', () => {
  assert.equal(compareQuantities('1Gi', '1024Mi'), 0);
  assert.ok(compareQuantities('1Gi', '1G') > 0);
  assert.ok(compareQuantities('500m', '1') < 0);
  assert.equal(quantityValue('1500m'), 2);
  assert.equal(quantityMilliValue('0.1'), 100);
  assert.equal(addQuantities('512Mi', '512Mi'), '1Gi');
});

test('what is no quantity is told from what is', () => {
  for (const text of ['many', '', '1GB', '.', '1 Gi', 'Gi']) assert.equal(isQuantity(text), false, text);
  for (const text of ['1', '.5', '1.', '+1', '1Ei', '1E', '2e-3', '5n']) assert.equal(isQuantity(text), true, text);
});

test('writing a quantity changes its text, never its amount', () => {
  const suffixes = ['', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3'];
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.constantFrom(...suffixes), (number, suffix) => {
      const text = `${number}${suffix}`;
      const written = canonicalQuantity(text);
      assert.equal(compareQuantities(text, written), 0);
      assert.equal(canonicalQuantity(written), written);
    }),
  );
});
