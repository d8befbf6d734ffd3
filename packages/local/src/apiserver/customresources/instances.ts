/** The resources that a CustomResourceDefinition makes: one for each version that it serves. */

import { completeResource, type JsonSchema, validateResource } from '@matriarch/schema';
import { equal } from '../fields/json.ts';
import type { ApiObject, FieldError, Json, JsonObject, ResourceInfo, Strategy, TypeSchema } from '../registry/types.ts';
import { columnsOf } from './columns.ts';
import { type Definition, definitionOf, type Names, type Version } from './definition.ts';
import { scaleSubresource, validateScale } from './scale.ts';
import { resourceType } from './typeschema.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export function resourceFromCrd(object: ApiObject): ResourceInfo[] {
  const definition = definitionOf(object);
  return definition.spec.versions.filter((version) => version.served).map((version) => resourceOf(definition, version));
}

function resourceOf(definition: Definition, version: Version): ResourceInfo {
  const { spec } = definition;
  const names = acceptedNames(definition);
  const schema = version.schema?.openAPIV3Schema ?? { type: 'object' };
  const storageVersion = spec.versions.find((other) => other.storage)?.name ?? version.name;
  const scale = version.subresources?.scale;
  const status = version.subresources?.status !== undefined;
  let type: TypeSchema | undefined;
  // Objects stored under another schema get the defaults of this one when they are read.
  const stale = version.name !== storageVersion || (definition.metadata.generation ?? 1) > 1;
  return {
    group: spec.group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    resource: names.plural,
    singular: names.singular ?? '',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    verbs: VERBS,
    subresources: [...(status ? ['status'] : []), ...(scale === undefined ? [] : ['scale'])],
    storageVersion,
    generation: true,
    get schema() {
      type ??= resourceType(schema);
      return type;
    },
    strategy: strategyOf(version, schema),
    columns: columnsOf(version.additionalPrinterColumns),
    custom: true,
    ...(stale ? { fromStorage: (stored: ApiObject) => completed(stored, schema) } : {}),
    ...(scale === undefined ? {} : { subresourceHandlers: { scale: scaleSubresource(scale) } }),
    ...(version.deprecated === true ? { deprecation: deprecationOf(definition, version) } : {}),
    openapi: schema as unknown as JsonObject,
  };
}

function acceptedNames({ spec, status }: Definition): Names {
  return status.acceptedNames.kind === '' ? spec.names : status.acceptedNames;
}

function deprecationOf({ spec }: Definition, version: Version): string {
  return version.deprecationWarning ?? `${spec.group}/${version.name} ${spec.names.kind} is deprecated`;
}

function completed(object: ApiObject, schema: JsonSchema): ApiObject {
  completeResource(object as unknown as JsonObject, schema);
  return object;
}

function strategyOf(version: Version, schema: JsonSchema): Strategy {
  const scale = version.subresources?.scale;
  const hasStatus = version.subresources?.status !== undefined;
  const check = (object: ApiObject, old?: ApiObject): FieldError[] => [
    ...validateResource(object as unknown as JsonObject, old as unknown as JsonObject | undefined, schema),
    ...(scale === undefined ? [] : validateScale(object, scale)),
  ];
  return {
    versionRequired: true,
    setDefaults: (object) => void completed(object, schema),
    prepareForCreate(object) {
      if (hasStatus) delete object.status;
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old) {
      if (hasStatus) keep(object, old, 'status');
      const generation = old.metadata.generation ?? 1;
      object.metadata.generation = equal(contentOf(object, hasStatus), contentOf(old, hasStatus))
        ? generation
        : generation + 1;
    },
    prepareForStatusUpdate(object, old) {
      const { managedFields } = object.metadata;
      for (const name of Object.keys(object)) if (name !== 'status' && old[name] === undefined) delete object[name];
      for (const name of Object.keys(old)) if (name !== 'status') object[name] = structuredClone(old[name]);
      if (managedFields !== undefined) object.metadata.managedFields = managedFields;
    },
    validate: (object) => check(object),
    validateUpdate: check,
    validateStatusUpdate: check,
  };
}

function keep(object: ApiObject, old: ApiObject, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = structuredClone(old[field]);
}

/** What the generation counts changes of. */
function contentOf(object: ApiObject, hasStatus: boolean): Json {
  const { metadata: _metadata, apiVersion: _version, ...rest } = object;
  if (hasStatus) delete rest.status;
  return rest as unknown as JsonObject;
}
