// Validation of Databases.
import { duplicate, each, type FieldError, invalid, repeated } from '../validation/errors.ts';
import type { Database } from './kind.ts';

interface Named {
  readonly name: string;
}

const distinct = (path: string, items: readonly Named[] | undefined): FieldError[] =>
  repeated(items ?? [], ({ name }) => name).map(([index, { name }]) =>
    duplicate(`${path}[${index}].name`, name, 'use each name once'),
  );

interface Foreign extends Named {
  readonly options?: readonly Named[];
  readonly usage?: readonly Named[];
}

const foreignErrors = (path: string, items: readonly Foreign[] | undefined): FieldError[] => [
  ...distinct(path, items),
  ...each(items, ({ options, usage }, index) => [
    ...distinct(`${path}[${index}].options`, options),
    ...distinct(`${path}[${index}].usages`, usage),
  ]),
];

function serversHaveWrapper({ spec }: Database): FieldError[] {
  const wrappers = new Set((spec.fdws ?? []).map(({ name }) => name));
  return each(spec.servers, ({ fdw, ensure }, index) =>
    ensure === 'absent' || wrappers.has(fdw)
      ? []
      : [invalid(`spec.servers[${index}].fdw`, fdw, 'add a foreign data wrapper of this name to spec.fdws')],
  );
}

export const validateDatabase = (database: Database): FieldError[] => [
  ...distinct('spec.extensions', database.spec.extensions),
  ...distinct('spec.schemas', database.spec.schemas),
  ...foreignErrors('spec.fdws', database.spec.fdws),
  ...foreignErrors('spec.servers', database.spec.servers),
  ...serversHaveWrapper(database),
];
