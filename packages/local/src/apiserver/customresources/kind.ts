/** CustomResourceDefinition as a kind of the API. */

import { equal } from '../fields/json.ts';
import { plainColumns } from '../kinds/columns/format.ts';
import type { ApiObject, JsonObject, ResourceInfo, Strategy } from '../registry/types.ts';
import { definitionOf, FINALIZER, GROUP, setCondition } from './definition.ts';
import { DEFINITION_TYPE } from './kind-type.ts';
import { setDefaults } from './normalize.ts';
import { validateDefinition, validateDefinitionUpdate } from './validate.ts';

export function customResourceDefinitions(): ResourceInfo {
  return {
    group: GROUP,
    version: 'v1',
    kind: 'CustomResourceDefinition',
    listKind: 'CustomResourceDefinitionList',
    resource: 'customresourcedefinitions',
    singular: 'customresourcedefinition',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: ['status'],
    storageVersion: 'v1',
    generation: true,
    schema: DEFINITION_TYPE,
    strategy,
    columns: plainColumns,
  };
}

/** The definition before anything is in it, as field managers compare with it. */
export function emptyDefinition(): ApiObject {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'CustomResourceDefinition',
    metadata: {},
    spec: { group: '', names: { plural: '', kind: '' }, scope: '', versions: null },
    status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null },
  };
}

const strategy: Strategy = {
  setDefaults,
  prepareForCreate(object) {
    const definition = definitionOf(object);
    const storedVersions = definition.spec.versions.filter((version) => version.storage).map((version) => version.name);
    definition.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions };
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old) {
    const [definition, before] = [definitionOf(object), definitionOf(old)];
    definition.status = structuredClone(before.status);
    const stored = definition.spec.versions.find((version) => version.storage)?.name;
    if (stored !== undefined && !definition.status.storedVersions.includes(stored))
      definition.status.storedVersions.push(stored);
    const same = equal(object.spec as JsonObject, old.spec as JsonObject);
    object.metadata.generation = (old.metadata.generation ?? 1) + (same ? 0 : 1);
  },
  prepareForStatusUpdate(object, old) {
    const { managedFields } = object.metadata;
    object.spec = structuredClone(old.spec);
    object.metadata = structuredClone(old.metadata);
    if (managedFields !== undefined) object.metadata.managedFields = managedFields;
  },
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  // Instances go first: a definition under deletion is held until the last one is gone.
  heldBySpec: ({ metadata }) => metadata.deletionTimestamp === undefined || (metadata.finalizers?.length ?? 0) > 0,
  beginDeletion(object) {
    const { metadata } = object;
    if (metadata.finalizers?.includes(FINALIZER) !== true)
      metadata.finalizers = [...(metadata.finalizers ?? []), FINALIZER];
    setCondition(definitionOf(object), {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: metadata.deletionTimestamp ?? '',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    });
  },
};
