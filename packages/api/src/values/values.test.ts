import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationMs, durationSeconds, parseDuration } from './duration.ts';
import { parseGoBoolean, parsePostgresBoolean, parsePostgresSize } from './postgres.ts';
import { parseQuantity, quantityBytes, quantityValue } from './quantity.ts';

const nano = 1_000_000_000n;

test('quantities', () => {
  const cases: [string | number, bigint | undefined][] = [
    ['1', nano],
    [3, 3n * nano],
    ['1Ki', 1024n * nano],
    ['1.5Gi', 1610612736n * nano],
    ['.5', nano / 2n],
    ['5.', 5n * nano],
    ['100m', nano / 10n],
    ['1e3', 1000n * nano],
    ['1E3', 1000n * nano],
    ['1E', 10n ** 18n * nano],
    ['2e-3', 2_000_000n],
    ['-1k', -1000n * nano],
    ['+1', nano],
    ['1n', 1n],
    ['0.1n', 1n],
    ['1e-400', 1n],
    ['0e400', 0n],
    ['1e400', (2n ** 63n - 1n) * nano],
    ['', undefined],
    ['.', undefined],
    ['1K', undefined],
    ['1KB', undefined],
    ['1 Gi', undefined],
    ['Gi', undefined],
    ['1e', undefined],
    ['1e1.5', undefined],
    ['--1', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parseQuantity(text), expected, String(text));
});

test('a whole number with a binary suffix is that many bytes', () => {
  const suffixes = ['Ki', 'Mi', 'Gi'];
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...suffixes), (amount, suffix) => {
      const bytes = BigInt(amount) * 1024n ** BigInt(suffixes.indexOf(suffix) + 1);
      assert.equal(quantityBytes(`${amount}${suffix}`), bytes);
    }),
  );
});

test('a quantity as whole number is rounded up, away from no value', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (quantity) => {
      const value = quantityValue(quantity);
      assert.ok(value * nano >= quantity && (value - 1n) * nano < quantity);
    }),
  );
});

test('durations', () => {
  const cases: [string, bigint | undefined][] = [
    ['0', 0n],
    ['30s', 30n * nano],
    ['1h5m', 3900n * nano],
    ['1.5s', (3n * nano) / 2n],
    ['.5m', 30n * nano],
    ['5.s', 5n * nano],
    ['-10ms', -10_000_000n],
    ['+1us', 1000n],
    ['2µs', 2000n],
    ['1h1h', 7200n * nano],
    ['9223372036854775807ns', 2n ** 63n - 1n],
    ['9223372036854775808ns', undefined],
    ['-9223372036854775808ns', -(2n ** 63n)],
    ['', undefined],
    ['-', undefined],
    ['30', undefined],
    ['s', undefined],
    ['.s', undefined],
    ['1d', undefined],
    ['1h ', undefined],
    ['1h-5m', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parseDuration(text), expected, text);
});

test('parts of a duration add up', () => {
  const small = fc.nat({ max: 10_000 });
  fc.assert(
    fc.property(small, small, small, small, (hours, minutes, seconds, milliseconds) => {
      const text = `${hours}h${minutes}m${seconds}s${milliseconds}ms`;
      assert.equal(durationMs(text), ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds);
    }),
  );
});

test('whole seconds of a duration are rounded down', () => {
  assert.equal(durationSeconds('1999ms'), 1);
  assert.equal(durationSeconds('-1ms'), -1);
  assert.equal(durationSeconds('soon'), undefined);
});

test('booleans of PostgreSQL', () => {
  for (const text of ['1', 'on', 'y', 'ye', 'yes', 't', 'tr', 'tru', 'TRUE', 'On']) {
    assert.equal(parsePostgresBoolean(text), true, text);
  }
  for (const text of ['0', 'of', 'off', 'n', 'no', 'f', 'fa', 'fal', 'fals', 'False']) {
    assert.equal(parsePostgresBoolean(text), false, text);
  }
  for (const text of ['', 'o', '2', 'onn', 'truee', 'enabled', ' on']) {
    assert.equal(parsePostgresBoolean(text), undefined, text);
  }
});

test('sizes of PostgreSQL', () => {
  const bytes = (text: string) => {
    const size = parsePostgresSize(text);
    return size === undefined ? undefined : quantityValue(size);
  };
  assert.equal(bytes('128'), 128n * 1024n ** 2n);
  assert.equal(bytes('80MB'), 80n * 1024n ** 2n);
  assert.equal(bytes('1 GB'), 1024n ** 3n);
  assert.equal(bytes('2kB'), 2048n);
  assert.equal(bytes('2KB'), 2048n);
  assert.equal(bytes('1TB'), 1024n ** 4n);
  assert.equal(bytes('100B'), 100n);
  for (const text of ['', 'B', '1Mi', '1mB', '1gb', 'many', '1.2.3MB']) assert.equal(bytes(text), undefined, text);
});

test('booleans of Go', () => {
  assert.equal(parseGoBoolean('T'), true);
  assert.equal(parseGoBoolean('false'), false);
  assert.equal(parseGoBoolean('yes'), undefined);
});
