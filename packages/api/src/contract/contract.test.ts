// The CRDs against the contract, path by path. The tables in contract/ are facts about the API that users rely on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crds } from '../crds.ts';
import * as kubernetes from '../kubernetes/index.ts';
import { type JsonSchema, jsonSchema } from '../schema/jsonSchema.ts';
import { type Row, readTable, referenceName, rows } from './rows.ts';

const table = (name: string) => readTable(readFileSync(new URL(`../../contract/${name}.tsv`, import.meta.url), 'utf8'));
const definitions = crds();
const rootOf = (kind: string): JsonSchema => {
  const root = definitions.find((crd) => crd.spec.names.kind === kind)?.spec.versions[0]?.schema.openAPIV3Schema;
  assert.ok(root, kind);
  return root;
};

const types = new Map(
  Object.values(kubernetes).map((node) => [node.reference ?? '', JSON.stringify(withoutText(jsonSchema(node)))]),
);
const isType = (schema: JsonSchema, name: string) => JSON.stringify(withoutText(schema)) === types.get(name);

/** A schema without what may differ from place to place. */
function withoutText(schema: JsonSchema): unknown {
  const { description, 'x-kubernetes-validations': rules, ...rest } = schema;
  return rest;
}

for (const crd of definitions) {
  const { kind, plural } = crd.spec.names;
  test(`${kind} has the fields of the contract, and no others`, () => {
    const expected = table(plural).map(({ note, ...row }) => row);
    const references = new Map(
      expected.flatMap((row) => {
        const name = referenceName(row.type ?? '');
        return name === undefined ? [] : [[row.path ?? '', name] as const];
      }),
    );
    const { spec, status } = rootOf(kind).properties ?? {};
    const actual: Row[] = [
      ...(spec === undefined ? [] : rows('spec', spec, true, references, isType)),
      ...(status === undefined ? [] : rows('status', status, false, references, isType)),
    ];
    const byPath = (a: { path?: string }, b: { path?: string }) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1);
    assert.deepEqual(actual.toSorted(byPath), expected.toSorted(byPath));
  });
}

test('kinds, scopes and subresources', () => {
  const actual = definitions.map(({ spec: { names, scope, versions } }) => {
    const version = versions[0];
    const scale = version?.subresources.scale as Record<string, string> | undefined;
    return {
      kind: names.kind,
      listKind: names.listKind,
      plural: names.plural,
      singular: names.singular,
      shortNames: '',
      categories: '',
      scope,
      version: version?.name,
      requiredTopLevel: version?.schema.openAPIV3Schema.required?.join(','),
      statusSubresource: version?.subresources.status === undefined ? '' : 'y',
      scaleSpecReplicasPath: scale?.specReplicasPath ?? '',
      scaleStatusReplicasPath: scale?.statusReplicasPath ?? '',
      scaleLabelSelectorPath: scale?.labelSelectorPath ?? '',
    };
  });
  assert.deepEqual(actual, table('kinds'));
});

test('printer columns', () => {
  const actual = definitions.flatMap(({ spec: { names, versions } }) =>
    (versions[0]?.additionalPrinterColumns ?? []).map((column) => {
      const { name, type, jsonPath, priority = 0 } = column as Record<string, string | number>;
      return { kind: names.kind, column: name, type, jsonPath, priority: String(priority) };
    }),
  );
  assert.deepEqual(actual, table('printer-columns'));
});

interface RuleRow {
  kind: string;
  path: string;
  rule: string;
  message: string;
}

test('CEL rules', () => {
  const actual = definitions.flatMap(({ spec: { names } }) => ruleRows(names.kind, '', rootOf(names.kind)));
  const key = (row: Partial<RuleRow>) => `${row.kind} ${row.path} ${row.rule}`;
  const sorted = (list: Partial<RuleRow>[]) => list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  assert.deepEqual(sorted(actual), sorted(table('cel-rules')));
});

function ruleRows(kind: string, path: string, schema: JsonSchema): RuleRow[] {
  const own = (schema['x-kubernetes-validations'] ?? []) as { rule: string; message: string }[];
  const children = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    ruleRows(kind, path === '' ? name : `${path}.${name}`, child),
  );
  const items = schema.items === undefined ? [] : ruleRows(kind, `${path}[]`, schema.items);
  return [...own.map(({ rule, message }) => ({ kind, path, rule, message })), ...children, ...items];
}
