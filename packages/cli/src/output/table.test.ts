import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignRows, table } from './table.ts';

test('columns are as wide as their widest cell and two blanks, dashes as long as their title', () => {
  assert.equal(
    table(
      ['Name', 'Current LSN', 'Node'],
      [
        ['prod-1', '0/1', 'a'],
        ['p', '0/604DE38', ''],
      ],
    ),
    'Name    Current LSN  Node\n----    -----------  ----\nprod-1  0/1          a\np       0/604DE38    \n',
  );
});

test('the last cell of a row sets no width', () => {
  assert.equal(
    alignRows([
      ['a', 'much longer than the rest'],
      ['bb', 'c', 'd'],
    ]),
    'a   much longer than the rest\nbb  c  d\n',
  );
});
