/** What is known of every object and therefore not in its schema: apiVersion, kind and metadata. */

import type { JsonSchema } from './types.ts';

const string: JsonSchema = { type: 'string' };
const strings: JsonSchema = { type: 'object', additionalProperties: string };
const time: JsonSchema = { type: 'string', nullable: true };

const ownerReference: JsonSchema = {
  type: 'object',
  properties: {
    apiVersion: string,
    kind: string,
    name: string,
    uid: string,
    controller: { type: 'boolean' },
    blockOwnerDeletion: { type: 'boolean' },
  },
};

/** Used for pruning: what metadata may hold. */
export const METADATA: JsonSchema = {
  type: 'object',
  properties: {
    name: string,
    generateName: string,
    namespace: string,
    selfLink: string,
    uid: string,
    resourceVersion: string,
    generation: { type: 'integer' },
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: { type: 'integer' },
    labels: strings,
    annotations: strings,
    finalizers: { type: 'array', items: string },
    ownerReferences: { type: 'array', items: ownerReference },
    managedFields: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  },
};

export const TYPE_META: { readonly [name: string]: JsonSchema } = { apiVersion: string, kind: string };

/** The schema of a member of an object: the one it declares, or the one that every resource has. */
export function memberOfResource(name: string): JsonSchema | undefined {
  if (name === 'metadata') return METADATA;
  return Object.hasOwn(TYPE_META, name) ? TYPE_META[name] : undefined;
}
