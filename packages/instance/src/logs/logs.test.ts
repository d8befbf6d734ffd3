import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvSplitter } from './csv.ts';
import { toLogEntry } from './record.ts';
import { textReader } from './text.ts';

const quoteField = (text: string) => `"${text.replaceAll('"', '""')}"`;

test('records come out as they went in, wherever the chunks end', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é') });
  const records = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(records, fc.integer({ min: 1, max: 7 }), (written, size) => {
      const text = written.map((fields) => `${fields.map(quoteField).join(',')}\n`).join('');
      const splitter = csvSplitter();
      const read: string[][] = [];
      for (let index = 0; index < text.length; index += size)
        read.push(...splitter.push(text.slice(index, index + size)));
      assert.deepEqual(read, written);
    }),
  );
});

test('a manager that takes over reads on where the one before it stopped, in the middle of a character too', () => {
  const line = Buffer.from('a é,€,🐘,"b\nc"\n');
  for (let cut = 0; cut <= line.length; cut += 1) {
    const before = { text: textReader(), splitter: csvSplitter() };
    const first = before.splitter.push(before.text.read(line.subarray(0, cut)));
    const rest = Buffer.concat([Buffer.from(before.splitter.rest), before.text.rest]);
    const after = { text: textReader(), splitter: csvSplitter() };
    const read = [rest, line.subarray(cut)].flatMap((piece) => after.splitter.push(after.text.read(piece)));
    assert.deepEqual([...first, ...read], [['a é', '€', '🐘', 'b\nc']], `cut at ${cut}`);
  }
});

function fieldsWith(message: string): string[] {
  const fields = Array.from({ length: 26 }, () => '');
  fields[11] = 'LOG';
  fields[13] = message;
  return fields;
}

test('a record keeps its filled columns under their names', () => {
  assert.deepEqual(toLogEntry(fieldsWith('hello')), {
    logger: 'postgres',
    record: { error_severity: 'LOG', message: 'hello' },
  });
  assert.equal(toLogEntry(['too', 'few']), undefined);
});

test('an audit message becomes fields of its own', () => {
  const entry = toLogEntry(fieldsWith('AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,"select 1, 2",<none>'));
  assert.equal(entry?.logger, 'pgaudit');
  assert.equal(entry?.record.message, undefined);
  const audit = entry?.record.audit;
  assert.ok(typeof audit === 'object');
  assert.equal(audit.statement, 'select 1, 2');
  assert.equal(toLogEntry(fieldsWith('AUDIT: not,enough'))?.logger, 'postgres');
});
