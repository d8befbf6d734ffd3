// Rules on LDAP, pod selectors and lines of pg_hba.
import { duplicate, each, type FieldError, invalid, isSet, repeated } from '../../validation/errors.ts';
import { selectorProblem } from '../../values/labels.ts';
import { hbaLineProblem } from './hbaLine.ts';
import type { ClusterRule } from './rule.ts';

export const ldap: ClusterRule = ({ spec }) => {
  const settings = spec.postgresql?.ldap;
  if (settings === undefined) return [];
  const errors: FieldError[] = [];
  if (!isSet(settings.server)) {
    errors.push(invalid('spec.postgresql.ldap.server', settings.server ?? '', 'name the host of the directory'));
  }
  if (settings.bindAsAuth !== undefined && settings.bindSearchAuth !== undefined) {
    errors.push(invalid('spec.postgresql.ldap', 'bindAsAuth, bindSearchAuth', 'keep only one of the two'));
  }
  return errors;
};

export const distinctPodSelectors: ClusterRule = ({ spec }) =>
  repeated(spec.podSelectorRefs ?? [], ({ name }) => name).map(([index, { name }]) =>
    duplicate(`spec.podSelectorRefs[${index}].name`, name, 'use each name once'),
  );

export const podSelectors: ClusterRule = ({ spec }) =>
  each(spec.podSelectorRefs, ({ selector }, index) => {
    const problem = selectorProblem(selector);
    return problem === undefined ? [] : [invalid(`spec.podSelectorRefs[${index}].selector`, selector, problem)];
  });

export const hbaReferences: ClusterRule = ({ spec }) => {
  const known = new Set((spec.podSelectorRefs ?? []).map(({ name }) => name));
  return each(spec.postgresql?.pg_hba, (line, index) => {
    const path = `spec.postgresql.pg_hba[${index}]`;
    const references = [...line.matchAll(/\$\{([^:]+):([^}]+)\}/g)];
    if (references.length > 1) return [invalid(path, line, 'use one reference a line')];
    return references.flatMap(([, type = '', name = '']): FieldError[] => {
      if (type !== 'podselector') return [invalid(path, line, `use the type podselector, not "${type}"`)];
      return known.has(name) ? [] : [invalid(path, line, `add a selector named "${name}" to spec.podSelectorRefs`)];
    });
  });
};

export const hbaLines: ClusterRule = ({ spec }) =>
  each(spec.postgresql?.pg_hba, (line, index) => {
    const problem = hbaLineProblem(line);
    return problem === undefined ? [] : [invalid(`spec.postgresql.pg_hba[${index}]`, line, problem)];
  });

export const authenticationRules: readonly ClusterRule[] = [
  ldap,
  distinctPodSelectors,
  podSelectors,
  hbaReferences,
  hbaLines,
];
