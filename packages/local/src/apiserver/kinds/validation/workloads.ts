/** Validation of kinds that make pods from a template. */
import { validateLabels } from '../../meta/validate.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { record, text } from '../columns/format.ts';
import { same, validatePodSpec } from './pod.ts';
import {
  forbidden,
  IMMUTABLE,
  invalid,
  invalidText,
  nonNegative,
  notSupported,
  oneOf,
  required,
  shownMap,
} from './problems.ts';
import { isEmptySelector, selects, shownSelector, validateSelector } from './selectors.ts';

const spec = (object: ApiObject): JsonObject => record(object.spec);

/** The template of a kind whose pods are always restarted. */
function validateTemplate(template: JsonObject, field: string): FieldError[] {
  const pod = record(template.spec);
  const labels = record(record(template.metadata).labels) as { [key: string]: string };
  return [...validateLabels(labels, `${field}.metadata.labels`), ...validatePodSpec(pod, `${field}.spec`)];
}

function onlyAlways(template: JsonObject, field: string): FieldError[] {
  const policy = record(template.spec).restartPolicy;
  // A value that no pod may have is refused with the pod.
  if (policy === 'Always' || !['OnFailure', 'Never'].includes(text(policy))) return [];
  return [notSupported(`${field}.spec.restartPolicy`, policy, ['Always'])];
}

function validateOwnPods(object: ApiObject, kind: string): FieldError[] {
  const { selector, template } = spec(object);
  const errors: FieldError[] = [];
  if (selector === undefined || selector === null) errors.push(required('spec.selector'));
  else {
    errors.push(...validateSelector(selector, 'spec.selector'));
    if (isEmptySelector(selector))
      errors.push(invalidText('spec.selector', shownSelector(selector), `empty selector is invalid for ${kind}`));
  }
  const labels = record(record(record(template).metadata).labels);
  if (!(selector !== undefined && isEmptySelector(selector)) && !selects(selector, labels)) {
    errors.push(
      invalidText('spec.template.metadata.labels', shownMap(labels), '`selector` does not match template `labels`'),
    );
  }
  return [
    ...errors,
    ...onlyAlways(record(template), 'spec.template'),
    ...validateTemplate(record(template), 'spec.template'),
  ];
}

function percent(field: string, value: unknown): FieldError[] {
  if (typeof value === 'number') return nonNegative(field, value);
  if (typeof value !== 'string') return [];
  if (!/^\d+%$/.test(value)) {
    return [
      invalid(
        field,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ];
  }
  return [];
}

export function validateDeployment(object: ApiObject): FieldError[] {
  const { replicas, strategy, minReadySeconds, revisionHistoryLimit, progressDeadlineSeconds } = spec(object);
  const errors = validateOwnPods(object, 'deployment');
  errors.push(...nonNegative('spec.replicas', replicas), ...nonNegative('spec.minReadySeconds', minReadySeconds));
  errors.push(...nonNegative('spec.revisionHistoryLimit', revisionHistoryLimit));
  errors.push(...nonNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds));
  const { type, rollingUpdate } = record(strategy);
  errors.push(...oneOf('spec.strategy.type', type, ['Recreate', 'RollingUpdate']));
  const field = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate' && rollingUpdate !== undefined) {
    errors.push(forbidden(field, "may not be specified when strategy `type` is 'Recreate'"));
  }
  if (type === 'RollingUpdate' && rollingUpdate !== undefined) {
    const { maxUnavailable, maxSurge } = record(rollingUpdate);
    errors.push(...percent(`${field}.maxUnavailable`, maxUnavailable), ...percent(`${field}.maxSurge`, maxSurge));
    if (isNone(maxUnavailable) && isNone(maxSurge)) {
      errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
    }
  }
  return errors;
}

function isNone(value: unknown): boolean {
  return value === undefined || value === 0 || value === '0%';
}

function immutableSelector(object: ApiObject, old: ApiObject): FieldError[] {
  const { selector } = spec(object);
  return same(selector, spec(old).selector) ? [] : [invalidText('spec.selector', shownSelector(selector), IMMUTABLE)];
}

export function validateDeploymentUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  return [...immutableSelector(object, old), ...validateDeployment(object)];
}

export function validateReplicaSet(object: ApiObject): FieldError[] {
  const { replicas, minReadySeconds } = spec(object);
  return [
    ...nonNegative('spec.replicas', replicas),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...validateOwnPods(object, 'replicaset'),
  ];
}

export function validateReplicaSetUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  return [...immutableSelector(object, old), ...validateReplicaSet(object)];
}

export function validateDaemonSet(object: ApiObject): FieldError[] {
  return [
    ...nonNegative('spec.minReadySeconds', spec(object).minReadySeconds),
    ...validateOwnPods(object, 'daemonset'),
  ];
}

export function validateDaemonSetUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  return [...immutableSelector(object, old), ...validateDaemonSet(object)];
}

export function validateStatefulSet(object: ApiObject): FieldError[] {
  const { replicas, podManagementPolicy, updateStrategy } = spec(object);
  return [
    ...nonNegative('spec.replicas', replicas),
    ...oneOf('spec.podManagementPolicy', podManagementPolicy, ['OrderedReady', 'Parallel']),
    ...oneOf('spec.updateStrategy.type', record(updateStrategy).type, ['OnDelete', 'RollingUpdate']),
    ...validateOwnPods(object, 'statefulset'),
  ];
}

const STATEFUL_UPDATABLE = [
  ...['replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'],
  'revisionHistoryLimit',
];

export function validateStatefulSetUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  const fixed = (of: ApiObject): JsonObject =>
    Object.fromEntries(Object.entries(spec(of)).filter(([key]) => !STATEFUL_UPDATABLE.includes(key)));
  const errors = validateStatefulSet(object);
  if (!same(fixed(object), fixed(old))) {
    const why =
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
      "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    errors.push(forbidden('spec', why));
  }
  return errors;
}

export function validateJobSpec(job: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of [
    'parallelism',
    'completions',
    'backoffLimit',
    'activeDeadlineSeconds',
    'ttlSecondsAfterFinished',
  ]) {
    errors.push(...nonNegative(`${field}.${key}`, job[key]));
  }
  if (job.completionMode !== undefined)
    errors.push(...oneOf(`${field}.completionMode`, job.completionMode, ['Indexed', 'NonIndexed']));
  const template = record(job.template);
  errors.push(...validateTemplate(template, `${field}.template`));
  const policy = text(record(template.spec).restartPolicy);
  const at = `${field}.template.spec.restartPolicy`;
  if (policy === 'Always' || policy === '') errors.push(required(at, 'valid values: "OnFailure", "Never"'));
  return errors;
}

export function validateJob(object: ApiObject): FieldError[] {
  const errors = validateJobSpec(spec(object), 'spec');
  const { selector, template } = spec(object);
  if (selector !== undefined) {
    const labels = record(record(record(template).metadata).labels);
    if (!selects(selector, labels)) {
      errors.push(
        invalidText('spec.template.metadata.labels', shownMap(labels), '`selector` does not match template `labels`'),
      );
    }
  }
  return errors;
}

export function validateJobUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  const errors = validateJob(object);
  const [now, before] = [spec(object), spec(old)];
  if (!same(now.completions, before.completions))
    errors.push(invalid('spec.completions', now.completions ?? null, IMMUTABLE));
  errors.push(...immutableSelector(object, old));
  const suspended = before.suspend === true && record(old.status).startTime === undefined;
  if (!suspended && !same(now.template, before.template))
    errors.push(invalid('spec.template', now.template, IMMUTABLE));
  if (now.completionMode !== before.completionMode)
    errors.push(invalid('spec.completionMode', now.completionMode, IMMUTABLE));
  return errors;
}

export function validateCronJob(object: ApiObject): FieldError[] {
  const { schedule, concurrencyPolicy, jobTemplate, startingDeadlineSeconds } = spec(object);
  const errors: FieldError[] = [];
  if (text(schedule) === '') errors.push(required('spec.schedule'));
  else if (!/^(@\w+( .*)?|\S+(\s+\S+){4})$/.test(text(schedule))) {
    errors.push(
      invalid(
        'spec.schedule',
        schedule,
        `expected exactly 5 fields, found ${text(schedule).trim().split(/\s+/).length}: [${text(schedule).trim()}]`,
      ),
    );
  }
  errors.push(...nonNegative('spec.startingDeadlineSeconds', startingDeadlineSeconds));
  errors.push(...oneOf('spec.concurrencyPolicy', concurrencyPolicy, ['Allow', 'Forbid', 'Replace']));
  return [...errors, ...validateJobSpec(record(record(jobTemplate).spec), 'spec.jobTemplate.spec')];
}
