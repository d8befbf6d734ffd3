// Every CEL rule at work: an object that it refuses, and a plain object of each kind that passes all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  completeResource,
  type JsonObject,
  type JsonSchema,
  schemaProblems,
  validateResource,
} from '@matriarch/schema';
import { crds } from '../crds.ts';

const roots = new Map(
  crds().map((crd) => [crd.spec.names.kind, crd.spec.versions[0]?.schema.openAPIV3Schema as unknown as JsonSchema]),
);
const rootOf = (kind: string) => {
  const root = roots.get(kind);
  assert.ok(root, kind);
  return root;
};

function complete(kind: string, spec: object): JsonObject {
  const object = { apiVersion: 'postgresql.cnpg.io/v1', kind, metadata: { name: 'it' }, spec: structuredClone(spec) };
  completeResource(object as unknown as JsonObject, rootOf(kind));
  return object as unknown as JsonObject;
}

const messages = (kind: string, spec: object, old?: object): string[] =>
  validateResource(complete(kind, spec), old === undefined ? undefined : complete(kind, old), rootOf(kind)).map(
    ({ field, message }) => `${field}: ${message.replace(/^Invalid value: ("[^"]*"|\S+): /, '')}`,
  );

const cluster = { name: 'herd' };
const catalog = { images: [{ image: 'i', major: 17 }] };
const database = { cluster, name: 'shop', owner: 'app' };
const pooler = { cluster, pgbouncer: {} };
const publication = { cluster, name: 'p', dbname: 'shop', target: { allTables: true } };
const subscription = { cluster, name: 's', dbname: 'shop', externalClusterName: 'old', publicationName: 'p' };
const plain: Readonly<Record<string, object>> = {
  Backup: { cluster },
  ClusterImageCatalog: catalog,
  Cluster: { instances: 3 },
  DatabaseRole: { cluster, name: 'app' },
  Database: database,
  ImageCatalog: catalog,
  Pooler: pooler,
  Publication: publication,
  ScheduledBackup: { cluster, schedule: '@daily' },
  Subscription: subscription,
};

test('every schema is one that an API server takes', () => {
  for (const [kind, root] of roots) assert.deepEqual(schemaProblems(root, 'schema'), [], kind);
});

test('plain objects pass all rules, also unchanged', () => {
  for (const [kind, spec] of Object.entries(plain)) assert.deepEqual(messages(kind, spec, spec), [], kind);
});

/** Kind, what differs from the plain object, and what differs in the object before a change. */
type Refusal = readonly [kind: string, spec: object, old?: object];
const reference = (kind: string, apiGroup: string) => ({ kind, apiGroup, name: 'c', major: 17, key: 'pgbouncer' });
const image = { image: 'i', major: 17 };
const component = { key: 'a', image: 'i' };
const synchronous = (settings: object) => ({ postgresql: { synchronous: { method: 'any', number: 1, ...settings } } });
const locales = { builtinLocale: 'C', icuLocale: 'en', icuRules: '&a' };
const fixedTexts = {
  ...locales,
  collationVersion: '1',
  encoding: 'e',
  locale: 'l',
  localeCType: 'l',
  localeCollate: 'l',
};
const target = (settings: object) => ({ target: settings });

const refusals: readonly Refusal[] = [
  ['Backup', { target: 'primary' }, {}],
  ...['ClusterImageCatalog', 'ImageCatalog'].flatMap((kind): Refusal[] => [
    [kind, { images: [image, image] }],
    [kind, { componentImages: [component, component] }],
  ]),
  ['Cluster', { imageName: 'i', imageCatalogRef: reference('ImageCatalog', 'postgresql.cnpg.io') }],
  ['Cluster', { imageCatalogRef: reference('Other', 'postgresql.cnpg.io') }],
  ['Cluster', { imageCatalogRef: reference('ImageCatalog', 'other') }],
  ['Cluster', { bootstrap: { initdb: { ...locales, localeProvider: 'libc' } } }],
  ['Cluster', synchronous({ number: 0 })],
  ['Cluster', synchronous({ dataDurability: 'preferred', standbyNamesPre: ['a'] })],
  ['Cluster', synchronous({ dataDurability: 'required', podFailureDomainKeys: ['a'], nodeFailureDomainKeys: ['b'] })],
  [
    'Cluster',
    {
      postgresql: {
        syncReplicaElectionConstraint: { enabled: true },
        ...synchronous({ dataDurability: 'required', podFailureDomainKeys: ['a'] }).postgresql,
      },
    },
  ],
  ['Cluster', { serviceAccountName: 'a' }, { serviceAccountName: 'b' }],
  ['DatabaseRole', {}, { name: 'other', cluster: { name: 'other' } }],
  ['DatabaseRole', { ensure: 'absent' }],
  ...['postgres', 'streaming_replica', 'pg_x', 'cnpg_x', ''].map((name): Refusal => ['DatabaseRole', { name }]),
  ['DatabaseRole', { passwordSecret: { name: 's' }, disablePassword: true }],
  ['DatabaseRole', { clientCertificate: {}, login: false }],
  ['Database', locales],
  ...['postgres', 'template0', 'template1'].map((name): Refusal => ['Database', { name }]),
  [
    'Database',
    { ...fixedTexts, localeProvider: 'x', template: 't' },
    {
      ...Object.fromEntries(Object.keys(fixedTexts).map((field) => [field, 'other'])),
      localeProvider: 'y',
      template: 'other',
      name: 'other',
      cluster: { name: 'other' },
    },
  ],
  [
    'Database',
    { fdws: [{ name: 'f', usage: [{ name: '' }] }], servers: [{ name: 's', fdw: '', usage: [{ name: '' }] }] },
  ],
  ['Pooler', {}, { cluster: { name: 'other' } }],
  ['Pooler', { pgbouncer: { image: 'i', imageCatalogRef: reference('ImageCatalog', 'postgresql.cnpg.io') } }],
  ['Pooler', { pgbouncer: { imageCatalogRef: reference('Other', 'other') } }],
  ['Pooler', { serviceAccountName: 'a' }, { serviceAccountName: 'b' }],
  ['Publication', {}, { cluster: { name: 'other' }, name: 'other', dbname: 'other', ...target({ allTables: false }) }],
  ['Publication', target({})],
  ['Publication', target({ objects: [{}] })],
  ['Publication', target({ objects: [{ table: { name: 't', columns: ['c'] } }, { tablesInSchema: 's' }] })],
  ['ScheduledBackup', {}, { cluster: { name: 'other' } }],
  ['Subscription', {}, { cluster: { name: 'other' }, name: 'other', dbname: 'other' }],
];

test('every rule refuses something', () => {
  const found = new Set<string>();
  for (const [kind, spec, old] of refusals) {
    const before = old === undefined ? undefined : { ...plain[kind], ...old };
    const errors = messages(kind, { ...plain[kind], ...spec }, before);
    assert.notDeepEqual(errors, [], `${kind} ${JSON.stringify(spec)}`);
    for (const error of errors) found.add(`${kind} ${error.replaceAll(/\[\d+\]/g, '[]')}`);
  }
  const silent = [...roots].flatMap(([kind, root]) => rules('', root).map((rule) => `${kind} ${rule}`));
  assert.deepEqual(
    silent.filter((rule) => !found.has(rule)),
    [],
  );
});

/** Path and message of every rule of a schema. */
function rules(path: string, schema: JsonSchema): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => `${path}: ${message}`);
  const children = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    rules(path === '' ? name : `${path}.${name}`, child),
  );
  return [...own, ...children, ...(schema.items === undefined ? [] : rules(`${path}[]`, schema.items))];
}
