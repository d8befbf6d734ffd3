/** CustomResourceDefinitions as plain values. */

import type { JsonSchema } from '@matriarch/schema';
import type { ApiObject, ObjectMeta } from '../registry/types.ts';

export const GROUP = 'apiextensions.k8s.io';
export const FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface Names {
  plural: string;
  singular?: string;
  shortNames?: string[];
  kind: string;
  listKind?: string;
  categories?: string[];
}

export interface Scale {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export interface Version {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: { status?: object; scale?: Scale };
  additionalPrinterColumns?: PrinterColumn[];
}

export interface Condition {
  type: string;
  status: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface Definition {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: {
    group: string;
    scope: string;
    names: Names;
    versions: Version[];
    conversion?: { strategy: string };
    preserveUnknownFields?: boolean;
  };
  status: { conditions: Condition[] | null; acceptedNames: Names; storedVersions: string[] };
}

/** The same object under its own type. */
export function definitionOf(object: ApiObject): Definition {
  return object as unknown as Definition;
}

export function conditionStatus(definition: Definition, type: string): string | undefined {
  return definition.status.conditions?.find((condition) => condition.type === type)?.status;
}

/** Replaces the condition of the same type, or adds it; the time changes with the status only. */
export function setCondition(definition: Definition, condition: Condition): void {
  const conditions = definition.status.conditions ?? [];
  const index = conditions.findIndex((other) => other.type === condition.type);
  const before = conditions[index];
  if (before === undefined) conditions.push(condition);
  else {
    const time = before.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime;
    conditions[index] = { ...condition, lastTransitionTime: time };
  }
  definition.status.conditions = conditions;
}
