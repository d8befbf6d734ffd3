// The syntax of labels and selectors.
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts';

const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A name with an optional domain before a slash, as keys of labels and taints. */
export function isQualifiedName(text: string): boolean {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2 || name.length > 63 || !namePart.test(name)) return false;
  const [domain] = parts;
  return parts.length === 1 || (domain !== undefined && domain.length <= 253 && subdomain.test(domain));
}

export const isLabelValue = (text: string): boolean => text === '' || (text.length <= 63 && namePart.test(text));

/** What is wrong with a selector; undefined when nothing is. */
export function selectorProblem({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string | undefined {
  for (const [key, value] of Object.entries(matchLabels)) {
    if (!isQualifiedName(key)) return `"${key}" in matchLabels is not a label name`;
    if (!isLabelValue(value)) return `"${value}" in matchLabels is not a label value`;
  }
  for (const { key, operator, values = [] } of matchExpressions) {
    if (!isQualifiedName(key)) return `"${key}" in matchExpressions is not a label name`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) return `the operator ${operator} of "${key}" needs values`;
      const wrong = values.find((value) => !isLabelValue(value));
      if (wrong !== undefined) return `"${wrong}" in matchExpressions is not a label value`;
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) return `the operator ${operator} of "${key}" takes no values`;
    } else return `"${operator}" is not one of the operators In, NotIn, Exists, DoesNotExist`;
  }
  return undefined;
}
