/** The type of `metadata` in custom resources and in objects embedded in them. */

import type { TypeSchema } from '../registry/types.ts';

const string: TypeSchema = { type: 'string' };
const strings: TypeSchema = { type: 'map', values: string };
const time: TypeSchema = { type: 'string', format: 'date-time' };
const integer: TypeSchema = { type: 'integer', format: 'int64' };

const ownerReference: TypeSchema = {
  type: 'object',
  atomic: true,
  fields: {
    apiVersion: string,
    kind: string,
    name: string,
    uid: string,
    controller: { type: 'boolean' },
    blockOwnerDeletion: { type: 'boolean' },
  },
};

const managedFields: TypeSchema = {
  type: 'object',
  fields: {
    manager: string,
    operation: string,
    apiVersion: string,
    time,
    fieldsType: string,
    fieldsV1: { type: 'any' },
    subresource: string,
  },
};

/** One object for all: by it the metadata of a custom resource is known. */
export const OBJECT_META: TypeSchema = {
  type: 'object',
  fields: {
    name: string,
    generateName: string,
    namespace: string,
    selfLink: string,
    uid: string,
    resourceVersion: string,
    generation: integer,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: integer,
    labels: strings,
    annotations: strings,
    finalizers: { type: 'list', items: string, list: 'set', patchStrategy: 'merge' },
    ownerReferences: {
      type: 'list',
      items: ownerReference,
      list: 'map',
      keys: ['uid'],
      patchStrategy: 'merge',
      patchMergeKey: 'uid',
    },
    managedFields: { type: 'list', items: managedFields, list: 'atomic' },
  },
};
