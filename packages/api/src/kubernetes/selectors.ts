// References to other objects, and selectors of objects.
import type * as core from 'kubernetes-types/core/v1.d.ts';
import type * as meta from 'kubernetes-types/meta/v1.d.ts';
import { string } from '../schema/nodes.ts';
import { reference } from './reference.ts';
import { flag, int64, list, must, quantity, struct, text, textMap, texts, time, withDefault } from './shorthand.ts';

const atomic = { mapType: 'atomic' } as const;
const keyFields = { key: must(text), name: withDefault(''), optional: flag };

export const localObjectReference = reference<{ name: string }>(
  'core/v1 LocalObjectReference',
  { name: withDefault('') },
  atomic,
);
export const typedLocalObjectReference = reference<core.TypedLocalObjectReference>(
  'core/v1 TypedLocalObjectReference',
  { apiGroup: text, kind: must(text), name: must(text) },
  atomic,
);
export const typedObjectReference = struct({ apiGroup: text, kind: must(text), name: must(text), namespace: text });
export const secretKeySelector = reference<core.SecretKeySelector>('core/v1 SecretKeySelector', keyFields, atomic);
export const configMapKeySelector = reference<core.ConfigMapKeySelector>(
  'core/v1 ConfigMapKeySelector',
  keyFields,
  atomic,
);
export const objectFieldSelector = reference<core.ObjectFieldSelector>(
  'core/v1 ObjectFieldSelector',
  { apiVersion: text, fieldPath: must(text) },
  atomic,
);
export const resourceFieldSelector = reference<core.ResourceFieldSelector>(
  'core/v1 ResourceFieldSelector',
  { containerName: text, divisor: quantity, resource: must(text) },
  atomic,
);

const requirement = struct({ key: must(text), operator: must(text), values: texts });
export const labelSelector = reference<meta.LabelSelector>(
  'meta/v1 LabelSelector',
  { matchExpressions: list(requirement), matchLabels: textMap },
  atomic,
);
export const nodeSelectorRequirements = list(requirement);

const conditionType =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$';

export const condition = reference<meta.Condition>('meta/v1 Condition', {
  lastTransitionTime: must(time),
  message: must(string(undefined, { maxLength: 32768 })),
  observedGeneration: { ...int64, minimum: 0 },
  reason: must(
    string(undefined, { minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' }),
  ),
  status: must(string(undefined, { enum: ['True', 'False', 'Unknown'] })),
  type: must(string(undefined, { maxLength: 316, pattern: conditionType })),
});
