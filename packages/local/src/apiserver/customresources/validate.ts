/** What is refused of a CustomResourceDefinition. */

import { problems, schemaProblems } from '@matriarch/schema';
import { equal } from '../fields/json.ts';
import { checkLabel1035, checkSubdomain } from '../meta/names.ts';
import type { ApiObject, FieldError, Json } from '../registry/types.ts';
import {
  conditionStatus,
  type Definition,
  definitionOf,
  type PrinterColumn,
  type Scale,
  type Version,
} from './definition.ts';

const { invalidValue, notSupported, required } = problems;

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

export function validateDefinition(object: ApiObject): FieldError[] {
  const definition = definitionOf(object);
  const { spec, metadata } = definition;
  const name = `${spec.names.plural}.${spec.group}`;
  return [
    ...(metadata.name === name
      ? []
      : [invalidValue('metadata.name', metadata.name ?? '', 'must be spec.names.plural+"."+spec.group')]),
    ...groupProblems(spec.group),
    ...(['Cluster', 'Namespaced'].includes(spec.scope)
      ? []
      : [notSupported('spec.scope', spec.scope ?? '', ['Cluster', 'Namespaced'])]),
    ...nameProblems(definition),
    ...versionProblems(definition),
    ...storedProblems(definition),
  ];
}

export function validateDefinitionUpdate(object: ApiObject, former: ApiObject): FieldError[] {
  const [definition, old] = [definitionOf(object), definitionOf(former)];
  const errors: FieldError[] = [];
  const immutable = (field: string, value: Json | undefined, before: Json | undefined): void => {
    if (!equal(value, before)) errors.push(invalidValue(field, value ?? null, 'field is immutable'));
  };
  if (conditionStatus(old, 'Established') === 'True') {
    immutable('spec.scope', definition.spec.scope, old.spec.scope);
    immutable('spec.names.kind', definition.spec.names.kind, old.spec.names.kind);
  }
  immutable('spec.group', definition.spec.group, old.spec.group);
  immutable('spec.names.plural', definition.spec.names.plural, old.spec.names.plural);
  const changed = errors.length > 0;
  // The name follows from group and plural: a change of those is told once.
  const others = validateDefinition(object).filter((error) => !(changed && error.field === 'metadata.name'));
  return [...errors, ...others];
}

function groupProblems(group: string): FieldError[] {
  if ((group ?? '') === '') return [required('spec.group')];
  const complaints = checkSubdomain(group);
  if (complaints.length > 0) return complaints.map((why) => invalidValue('spec.group', group, why));
  return group.includes('.') ? [] : [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

const MIXED = 'may have mixed case, but should otherwise match: ';

function nameProblems({ spec }: Definition): FieldError[] {
  const { names } = spec;
  const plain = (field: string, value: string): FieldError[] =>
    checkLabel1035(value).map((why) => invalidValue(field, value, why));
  const mixed = (field: string, value: string): FieldError[] =>
    checkLabel1035(value.toLowerCase()).map((why) => invalidValue(field, value, `${MIXED}${why}`));
  const errors = [
    ...plain('spec.names.plural', names.plural),
    ...plain('spec.names.singular', names.singular ?? ''),
    ...mixed('spec.names.kind', names.kind),
    ...mixed('spec.names.listKind', names.listKind ?? ''),
    ...(names.shortNames ?? []).flatMap((short, index) => plain(`spec.names.shortNames[${index}]`, short)),
    ...(names.categories ?? []).flatMap((category, index) => plain(`spec.names.categories[${index}]`, category)),
  ];
  if (names.kind !== '' && names.kind === names.listKind) {
    errors.push(invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  }
  return errors;
}

function versionProblems({ spec }: Definition): FieldError[] {
  const versions = spec.versions ?? [];
  const errors: FieldError[] = [];
  const stored = versions.filter((version) => version.storage).length;
  if (stored !== 1) {
    const message = `Invalid value: ${versionsText(versions)}: must have exactly one version marked as storage version`;
    errors.push({ field: 'spec.versions', reason: 'FieldValueInvalid', message });
  }
  const first = versions[0];
  // What all versions have in common is reported once, for the definition as a whole.
  const common = (part: (version: Version) => unknown): boolean =>
    versions.every((version) => equal(asJson(part(version)), asJson(first === undefined ? undefined : part(first))));
  const shared = {
    schema: common((version) => version.schema),
    subresources: common((version) => version.subresources),
    columns: common((version) => version.additionalPrinterColumns),
  };
  if (first !== undefined) errors.push(...checkVersionName(first.name, 'spec.version'));
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`;
    errors.push(...checkVersionName(version.name, `${at}.name`));
    const schema = version.schema?.openAPIV3Schema;
    if (schema === undefined) errors.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
    const isFirst = index === 0;
    if (schema !== undefined && (isFirst || !shared.schema)) {
      errors.push(
        ...schemaProblems(schema, shared.schema ? 'spec.validation.openAPIV3Schema' : `${at}.schema.openAPIV3Schema`),
      );
    }
    const scale = version.subresources?.scale;
    if (scale !== undefined && (isFirst || !shared.subresources)) {
      errors.push(
        ...scaleProblems(scale, shared.subresources ? 'spec.subresources.scale' : `${at}.subresources.scale`),
      );
    }
    if (isFirst || !shared.columns) {
      const path = shared.columns ? 'spec.additionalPrinterColumns' : `${at}.additionalPrinterColumns`;
      errors.push(
        ...(version.additionalPrinterColumns ?? []).flatMap((column, place) =>
          columnProblems(column, `${path}[${place}]`),
        ),
      );
    }
  }
  return errors;
}

function asJson(value: unknown): Json | undefined {
  return value as Json | undefined;
}

function checkVersionName(name: string, field: string): FieldError[] {
  return checkLabel1035(name ?? '').map((why) => invalidValue(field, name ?? '', why));
}

function storedProblems({ spec, status }: Definition): FieldError[] {
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) {
    const message = 'Invalid value: []string(nil): must have at least one stored version';
    return [{ field: 'status.storedVersions', reason: 'FieldValueInvalid', message }];
  }
  return stored.flatMap((name, index) =>
    spec.versions.some((version) => version.name === name)
      ? []
      : [invalidValue(`status.storedVersions[${index}]`, name, 'must appear in spec.versions')],
  );
}

const SIMPLE_PATH = /^(\.[\w-]+)+$/;

function scaleProblems(scale: Scale, path: string): FieldError[] {
  const check = (word: keyof Scale, roots: readonly string[]): FieldError[] => {
    const value = scale[word] ?? '';
    const field = `${path}.${word}`;
    if (value === '') return word === 'labelSelectorPath' ? [] : [required(field)];
    if (!SIMPLE_PATH.test(value)) return [invalidValue(field, value, 'must be a simple json path starting with .')];
    if (roots.some((root) => value.startsWith(`${root}.`))) return [];
    return [invalidValue(field, value, `should be a json path under ${roots.join(' or ')}`)];
  };
  return [
    ...check('specReplicasPath', ['.spec']),
    ...check('statusReplicasPath', ['.status']),
    ...check('labelSelectorPath', ['.status', '.spec']),
  ];
}

function columnProblems(column: PrinterColumn, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if ((column.name ?? '') === '') errors.push(required(`${path}.name`));
  if ((column.type ?? '') === '') errors.push(required(`${path}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
  else if (!COLUMN_TYPES.includes(column.type)) {
    errors.push(invalidValue(`${path}.type`, column.type, `must be one of ${COLUMN_TYPES.join(',')}`));
  }
  if ((column.jsonPath ?? '') === '') errors.push(required(`${path}.JSONPath`));
  else if (!/^[.[]/.test(column.jsonPath)) {
    errors.push(invalidValue(`${path}.JSONPath`, column.jsonPath, 'must be a simple json path starting with .'));
  }
  return errors;
}

/** Versions as the API server prints them, without what stands for the definition as a whole. */
function versionsText(versions: readonly Version[]): string {
  const texts = versions.map(
    (version) =>
      `apiextensions.CustomResourceDefinitionVersion{Name:${JSON.stringify(version.name)}, Served:${version.served}, ` +
      `Storage:${version.storage}, Deprecated:${version.deprecated ?? false}, DeprecationWarning:(*string)(nil), ` +
      'Schema:(*apiextensions.CustomResourceValidation)(nil), Subresources:(*apiextensions.CustomResourceSubresources)(nil), ' +
      'AdditionalPrinterColumns:[]apiextensions.CustomResourceColumnDefinition(nil)}',
  );
  return `[]apiextensions.CustomResourceDefinitionVersion{${texts.join(', ')}}`;
}
