/** Label selectors: what they may look like, and whether they match. */
import { checkLabelValue, checkQualifiedName } from '../../meta/names.ts';
import type { FieldError, JsonObject } from '../../registry/types.ts';
import { record, records, strings, text } from '../columns/format.ts';
import { forbidden, invalid, required, shown, shownMap } from './problems.ts';

export function validateSelector(selector: unknown, field: string): FieldError[] {
  const { matchLabels, matchExpressions } = record(selector);
  return [
    ...Object.entries(record(matchLabels)).flatMap(([key, value]) => [
      ...checkQualifiedName(key).map((why) => invalid(`${field}.matchLabels`, key, why)),
      ...checkLabelValue(text(value)).map((why) => invalid(`${field}.matchLabels`, text(value), why)),
    ]),
    ...records(matchExpressions).flatMap((expression, index) =>
      validateExpression(expression, `${field}.matchExpressions[${index}]`),
    ),
  ];
}

function validateExpression({ key, operator, values }: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const given = strings(values);
  if (operator === 'In' || operator === 'NotIn') {
    if (given.length === 0)
      errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (given.length > 0)
      errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else {
    errors.push(invalid(`${field}.operator`, text(operator), 'not a valid selector operator'));
  }
  errors.push(...checkQualifiedName(text(key)).map((why) => invalid(`${field}.key`, text(key), why)));
  return errors;
}

/** Whether labels match. An empty selector matches everything, an absent one nothing. */
export function selects(selector: unknown, labels: { readonly [key: string]: unknown }): boolean {
  if (selector === undefined || selector === null) return false;
  const { matchLabels, matchExpressions } = record(selector);
  return (
    Object.entries(record(matchLabels)).every(([key, value]) => labels[key] === value) &&
    records(matchExpressions).every((expression) => expressionMatches(expression, labels))
  );
}

function expressionMatches(
  { key, operator, values }: JsonObject,
  labels: { readonly [key: string]: unknown },
): boolean {
  const value = labels[text(key)];
  switch (operator) {
    case 'In':
      return value !== undefined && strings(values).includes(text(value));
    case 'NotIn':
      return value === undefined || !strings(values).includes(text(value));
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

export function isEmptySelector(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = record(selector);
  return Object.keys(record(matchLabels)).length === 0 && records(matchExpressions).length === 0;
}

/** A selector as messages show it. */
export function shownSelector(selector: unknown): string {
  const { matchLabels, matchExpressions } = record(selector);
  const labels = matchLabels === undefined ? 'map[string]string(nil)' : shownMap(record(matchLabels));
  const none = '[]v1.LabelSelectorRequirement(nil)';
  const expressions = records(matchExpressions).map(
    (one) =>
      `v1.LabelSelectorRequirement{Key:${shown(text(one.key))}, Operator:${shown(text(one.operator))}, Values:[]string{${strings(one.values).map(shown).join(', ')}}}`,
  );
  const list = matchExpressions === undefined ? none : `[]v1.LabelSelectorRequirement{${expressions.join(', ')}}`;
  return `v1.LabelSelector{MatchLabels:${labels}, MatchExpressions:${list}}`;
}
