import type { Extension } from '../../common/extensions.ts';
import { type ClusterParts, rawCluster, ruleTest } from '../../testing/cluster.ts';
import {
  extensionFolders,
  extensionImages,
  extensionNames,
  extensionVariables,
  extensionVariableValues,
} from './extensions.ts';

const image = { reference: 'registry/ext:1' };
const base = 'spec.postgresql.extensions';
const extensions = (...list: Partial<Extension>[]): ClusterParts => ({
  spec: { postgresql: { extensions: list.map((extension) => ({ name: 'ext', image, ...extension })) } },
});

ruleTest(extensionNames, [
  [extensions({ name: 'a' }, { name: 'b' })],
  [extensions({ name: '' }), `Invalid ${base}[0].name`],
  [extensions({ name: 'a' }, { name: 'a' }), `Duplicate ${base}[1].name`],
  [extensions({ name: 'a_b' }, { name: 'a-b' }), `Duplicate ${base}[1].name`],
]);

const imageCatalogRef = { apiGroup: 'postgresql.cnpg.io', kind: 'ImageCatalog', name: 'images', major: 18 };
ruleTest(
  extensionImages,
  [
    [extensions({})],
    [extensions({ image: {} }), `Invalid ${base}[0].image.reference`],
    [{ spec: { ...extensions({ image: {} }).spec, imageCatalogRef } }],
  ],
  rawCluster,
);

ruleTest(extensionFolders, [
  [extensions({ ld_library_path: ['lib', '/usr/lib', 'a/../b', '.'] })],
  [extensions({ bin_path: [''] }), `Invalid ${base}[0].bin_path[0]`],
  [extensions({ bin_path: ['a', 'a'] }), `Duplicate ${base}[0].bin_path[1]`],
  [extensions({ extension_control_path: ['..'] }), `Invalid ${base}[0].extension_control_path[0]`],
  [extensions({ dynamic_library_path: ['/a/../../b'] }), `Invalid ${base}[0].dynamic_library_path[0]`],
]);

const variable = (name: string, value = 'v') => ({ env: [{ name, value }] });
ruleTest(extensionVariables, [
  [extensions(variable('GDAL_DATA'))],
  [extensions(variable('PATH')), `Forbidden ${base}[0].env[0].name`],
  [extensions(variable('LD_LIBRARY_PATH')), `Forbidden ${base}[0].env[0].name`],
  [extensions(variable('PGDATA')), `Invalid ${base}[0].env[0].name`],
  [
    extensions({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
    `Duplicate ${base}[0].env[1].name`,
  ],
]);

const placeholder = (dollars: number, name: string) => `${'$'.repeat(dollars)}{${name}}/share`;
ruleTest(extensionVariableValues, [
  [extensions(variable('A', placeholder(1, 'image_root')))],
  [extensions(variable('A', placeholder(2, 'other')))],
  [extensions(variable('A', '$HOME and {braces}'))],
  [extensions(variable('A', placeholder(1, 'other'))), `Invalid ${base}[0].env[0].value`],
  [extensions(variable('A', placeholder(3, 'other'))), `Invalid ${base}[0].env[0].value`],
]);
