// The custom resources as CustomResourceDefinitions.
import { backupKind } from './backup/kind.ts';
import { clusterImageCatalogKind, imageCatalogKind } from './catalog/kind.ts';
import { clusterKind } from './cluster/kind.ts';
import { databaseKind } from './database/kind.ts';
import { databaseRoleKind } from './databaserole/kind.ts';
import { failoverQuorumKind } from './failoverquorum/kind.ts';
import { poolerKind } from './pooler/kind.ts';
import { publicationKind } from './publication/kind.ts';
import { scheduledBackupKind } from './scheduledbackup/kind.ts';
import { type JsonSchema, jsonSchema } from './schema/jsonSchema.ts';
import { apiGroup, type KindDefinition } from './schema/kind.ts';
import { subscriptionKind } from './subscription/kind.ts';

/** Every kind of the group, in the order of their names. */
export const kinds: readonly KindDefinition[] = [
  backupKind,
  clusterImageCatalogKind,
  clusterKind,
  databaseRoleKind,
  databaseKind,
  failoverQuorumKind,
  imageCatalogKind,
  poolerKind,
  publicationKind,
  scheduledBackupKind,
  subscriptionKind,
];

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
    };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly CustomResourceVersion[];
  };
}

export interface CustomResourceVersion {
  readonly name: 'v1';
  readonly served: true;
  readonly storage: true;
  readonly additionalPrinterColumns: readonly object[];
  readonly schema: { readonly openAPIV3Schema: JsonSchema };
  readonly subresources: { readonly status?: object; readonly scale?: object };
}

/** The CustomResourceDefinitions, ready to be applied. */
export const crds = (): readonly CustomResourceDefinition[] => kinds.map(customResourceDefinition);

function customResourceDefinition(definition: KindDefinition): CustomResourceDefinition {
  const { kind, plural, singular, scope } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${apiGroup}` },
    spec: {
      group: apiGroup,
      names: { kind, listKind: `${kind}List`, plural, singular },
      scope,
      versions: [version(definition)],
    },
  };
}

function version(definition: KindDefinition): CustomResourceVersion {
  return {
    name: 'v1',
    served: true,
    storage: true,
    additionalPrinterColumns: definition.columns,
    schema: { openAPIV3Schema: rootSchema(definition) },
    subresources: {
      ...(definition.scale === undefined ? {} : { scale: definition.scale }),
      ...(definition.statusSubresource ? { status: {} } : {}),
    },
  };
}

function rootSchema({ description, spec, status }: KindDefinition): JsonSchema {
  return {
    description,
    properties: {
      apiVersion: { description: 'Version of the API.', type: 'string' },
      kind: { description: 'Kind of the object.', type: 'string' },
      metadata: { type: 'object' },
      ...(spec === undefined ? {} : { spec: jsonSchema(spec) }),
      ...(status === undefined ? {} : { status: jsonSchema(status) }),
    },
    required: spec === undefined ? ['metadata'] : ['metadata', 'spec'],
    type: 'object',
  };
}
