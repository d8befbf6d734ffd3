// Rules on affinity and tolerations.
import { each, type FieldError, invalid, notSupported } from '../../validation/errors.ts';
import { isLabelValue, isQualifiedName } from '../../values/labels.ts';
import type { AffinityConfiguration } from '../schema/scheduling.ts';
import type { ClusterRule } from './rule.ts';

export const antiAffinityType: ClusterRule = ({ spec }) => {
  const type = spec.affinity?.podAntiAffinityType ?? '';
  if (['', 'preferred', 'required'].includes(type)) return [];
  return [invalid('spec.affinity.podAntiAffinityType', type, 'use preferred or required')];
};

type Toleration = NonNullable<AffinityConfiguration['tolerations']>[number];

export const tolerations: ClusterRule = ({ spec }) =>
  each(spec.affinity?.tolerations, (toleration, index) =>
    tolerationErrors(`spec.affinity.toleration[${index}]`, toleration),
  );

const effects = ['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function tolerationErrors(path: string, toleration: Toleration): FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const errors: FieldError[] = [];
  if (key !== '' && !isQualifiedName(key)) errors.push(invalid(`${path}.key`, key, 'use the name of a taint'));
  if (key === '' && operator !== 'Exists') {
    errors.push(invalid(`${path}.operator`, operator, 'use Exists, or give a key: without one all taints match'));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalid(`${path}.effect`, effect, 'use NoExecute, or remove tolerationSeconds'));
  }
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(`${path}.value`, value, 'remove it: the operator Exists takes no value'));
  } else if (operator === '' || operator === 'Equal') {
    if (!isLabelValue(value))
      errors.push(invalid(`${path}.value`, value, 'use letters, digits, -, _ and ., at most 63'));
  } else errors.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']));
  if (!effects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, effects));
  return errors;
}

export const schedulingRules: readonly ClusterRule[] = [antiAffinityType, tolerations];
