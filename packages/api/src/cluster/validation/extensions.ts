// Rules on extensions that come in images of their own.
import { posix } from 'node:path';
import type { Extension } from '../../common/extensions.ts';
import { duplicate, each, type FieldError, forbidden, invalid, isSet, repeated } from '../../validation/errors.ts';
import { extensionVolumeName } from '../effective/names.ts';
import { isReservedVariable } from './resources.ts';
import type { ClusterContext, ClusterRule } from './rule.ts';

const base = 'spec.postgresql.extensions';
const eachExtension = ({ spec }: ClusterContext, check: (extension: Extension, path: string) => FieldError[]) =>
  each(spec.postgresql?.extensions, (extension, index) => check(extension, `${base}[${index}]`));

export const extensionNames: ClusterRule = (context) => {
  const extensions = context.spec.postgresql?.extensions ?? [];
  const sameName = repeated(extensions, ({ name }) => name);
  const same = new Set(sameName.map(([index]) => index));
  const sameVolume = repeated(extensions, ({ name }) => extensionVolumeName(name)).filter(
    ([index]) => !same.has(index),
  );
  return [
    ...eachExtension(context, ({ name }, path) =>
      isSet(name) ? [] : [invalid(`${path}.name`, name, 'name the extension')],
    ),
    ...sameName.map(([index, { name }]) => duplicate(`${base}[${index}].name`, name, 'use each name once')),
    ...sameVolume.map(([index, { name }]) => {
      const detail = `its volume ${extensionVolumeName(name)} is that of another one; choose another name`;
      return duplicate(`${base}[${index}].name`, name, detail);
    }),
  ];
};

export const extensionImages: ClusterRule = (context) =>
  context.spec.imageCatalogRef !== undefined
    ? []
    : eachExtension(context, ({ image }, path) =>
        isSet(image?.reference)
          ? []
          : [invalid(`${path}.image.reference`, '', 'name the image, or use an image catalog that has it')],
      );

const folderLists = ['extension_control_path', 'dynamic_library_path', 'ld_library_path', 'bin_path'] as const;

export const extensionFolders: ClusterRule = (context) =>
  eachExtension(context, (extension, path) =>
    folderLists.flatMap((list) => folderErrors(`${path}.${list}`, extension[list] ?? [])),
  );

function folderErrors(path: string, folders: readonly string[]): FieldError[] {
  const wrong = folders.flatMap((folder, index): FieldError[] => {
    if (folder === '') return [invalid(`${path}[${index}]`, folder, 'name a folder of the image, or remove the entry')];
    const clean = posix.normalize(folder.replace(/^\/+/, '') || '.');
    const climbs = clean === '..' || clean.startsWith('../');
    return climbs ? [invalid(`${path}[${index}]`, folder, 'stay inside the image: do not climb out with ..')] : [];
  });
  const again = repeated(folders, (folder) => folder).map(([index, folder]) =>
    duplicate(`${path}[${index}]`, folder, 'name each folder once'),
  );
  return [...wrong, ...again];
}

export const extensionVariables: ClusterRule = (context) =>
  eachExtension(context, ({ env = [] }, path) => {
    const names = env.flatMap(({ name }, index): FieldError[] => {
      const at = `${path}.env[${index}].name`;
      if (name === 'PATH') return [forbidden(at, 'use bin_path to add folders to PATH')];
      if (name === 'LD_LIBRARY_PATH') return [forbidden(at, 'use ld_library_path to add folders to LD_LIBRARY_PATH')];
      return isReservedVariable(name)
        ? [invalid(at, name, 'choose another name: CNPG_*, PG*, POD_NAME, NAMESPACE and CLUSTER_NAME are reserved')]
        : [];
    });
    const again = repeated(env, ({ name }) => name).map(([index, { name }]) =>
      duplicate(`${path}.env[${index}].name`, name, 'use each name once'),
    );
    return [...names, ...again];
  });

/** A dollar sign before a placeholder escapes it: only an odd number of them makes a placeholder. */
const placeholders = (text: string) =>
  [...text.matchAll(/(\$+)\{([^}]*)\}/g)]
    .filter(([, dollars = '']) => dollars.length % 2 === 1)
    .map(([, , name = '']) => name);

export const extensionVariableValues: ClusterRule = (context) =>
  eachExtension(context, ({ env }, path) =>
    each(env, ({ value }, index) =>
      placeholders(value)
        .filter((name) => name !== 'image_root')
        .map((name) => {
          const detail = `the placeholder "${name}" is not known; use image_root, or double the $ to mean it literally`;
          return invalid(`${path}.env[${index}].value`, value, detail);
        }),
    ),
  );

export const extensionRules: readonly ClusterRule[] = [
  extensionNames,
  extensionImages,
  extensionFolders,
  extensionVariables,
  extensionVariableValues,
];
