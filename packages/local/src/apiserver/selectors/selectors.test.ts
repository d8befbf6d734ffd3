import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesLabels, parseLabelSelector, selectorFromObject } from './labels.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).filter((text) => text !== 'in' && text !== 'notin');
const labels = fc.dictionary(word, word, { maxKeys: 4 });

test('a selector of all the labels of an object matches it', () => {
  fc.assert(
    fc.property(labels, (given) => {
      const text = Object.entries(given)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
      assert.equal(matchesLabels(parseLabelSelector(text), given), true);
    }),
  );
});

test('each operator and its opposite never agree', () => {
  const pairs: [string, string][] = [
    ['K=V', 'K!=V'],
    ['K in (V)', 'K notin (V)'],
    ['K', '!K'],
  ];
  fc.assert(
    fc.property(labels, word, word, fc.constantFrom(...pairs), (given, key, value, [one, other]) => {
      const fill = (text: string): string => text.replaceAll('K', key).replaceAll('V', value);
      const first = matchesLabels(parseLabelSelector(fill(one)), given);
      assert.equal(matchesLabels(parseLabelSelector(fill(other)), given), !first);
    }),
  );
});

test('matchLabels and the text form select the same', () => {
  fc.assert(
    fc.property(labels, labels, (matchLabels, given) => {
      const text = Object.entries(matchLabels)
        .map(([key, value]) => `${key}==${value}`)
        .join(',');
      const expected = matchesLabels(parseLabelSelector(text), given);
      assert.equal(matchesLabels(selectorFromObject({ matchLabels }), given), expected);
    }),
  );
});

test('text that is no selector is refused with the place', () => {
  assert.throws(() => parseLabelSelector('a=b c'), /found 'c', expected: ',' or 'end of string'/);
  assert.throws(() => parseLabelSelector('=x'), /expected: !, identifier/);
  assert.throws(() => parseLabelSelector('a in x'), /expected: '\('/);
});
