/** Validation of disruption budgets, leases and priority classes. */
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { record, text } from '../columns/format.ts';
import { forbidden, invalid, invalidText, nonNegative } from './problems.ts';
import { validateSelector } from './selectors.ts';

const spec = (object: ApiObject): JsonObject => record(object.spec);

/** A number or percentage as messages show it. */
function shownAmount(value: unknown): string {
  return typeof value === 'string'
    ? `intstr.IntOrString{Type:1, IntVal:0, StrVal:${JSON.stringify(value)}}`
    : `intstr.IntOrString{Type:0, IntVal:${text(value)}, StrVal:""}`;
}

const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

function validateAmount(value: unknown, field: string): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return nonNegative(field, value);
  if (!/^[0-9]+%$/.test(text(value))) return [invalidText(field, shownAmount(value), PERCENT)];
  return Number.parseInt(text(value), 10) > 100
    ? [invalidText(field, shownAmount(value), 'must not be greater than 100%')]
    : [];
}

export function validateBudget(object: ApiObject): FieldError[] {
  const { minAvailable, maxUnavailable, selector } = spec(object);
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    // The addresses in this rendering mean nothing; any will do.
    const pointer = (type: string): string => `(${type})(0xc000000000)`;
    const shown =
      `policy.PodDisruptionBudgetSpec{MinAvailable:${pointer('*intstr.IntOrString')}, Selector:${pointer('*v1.LabelSelector')}, ` +
      `MaxUnavailable:${pointer('*intstr.IntOrString')}, UnhealthyPodEvictionPolicy:(*policy.UnhealthyPodEvictionPolicyType)(nil)}`;
    errors.push(invalidText('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  errors.push(
    ...validateAmount(minAvailable, 'spec.minAvailable'),
    ...validateAmount(maxUnavailable, 'spec.maxUnavailable'),
  );
  return [...errors, ...validateSelector(selector, 'spec.selector')];
}

export function validateLease(object: ApiObject): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = spec(object);
  const errors = nonNegative('spec.leaseTransitions', leaseTransitions);
  if (typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  }
  return errors;
}

/** The classes that every cluster has. */
export const SYSTEM_CLASSES: { readonly [name: string]: number } = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};
const HIGHEST = 1_000_000_000;

export function validatePriorityClass(object: ApiObject): FieldError[] {
  const name = text(object.metadata.name);
  const value = typeof object.value === 'number' ? object.value : 0;
  if (name.startsWith('system-')) {
    if (SYSTEM_CLASSES[name] === value) return [];
    const why =
      SYSTEM_CLASSES[name] === undefined
        ? `${name} is not a known system priority class`
        : `value of system priority class ${name} must be ${SYSTEM_CLASSES[name]}`;
    return [
      forbidden(
        'metadata.name',
        `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`,
      ),
    ];
  }
  if (value <= HIGHEST) return [];
  return [forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST}`)];
}

export function validatePriorityClassUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  const errors: FieldError[] = [];
  if (object.value !== old.value) errors.push(forbidden('value', 'may not be changed in an update.'));
  if (object.preemptionPolicy !== old.preemptionPolicy) {
    errors.push({
      field: 'preemptionPolicy',
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(object.preemptionPolicy)}: field is immutable`,
    });
  }
  return errors;
}
