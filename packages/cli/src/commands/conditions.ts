import { conditionMessages, conditionReasons, conditionTypes } from '@matriarch/api';

export interface Condition {
  type: string;
  status: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

/** The conditions with Ready taken away, as every change of the phase by a person has it. */
export function notReady(conditions: readonly Condition[], now: Date): Condition[] {
  const ready: Condition = {
    type: conditionTypes.ready,
    status: 'False',
    lastTransitionTime: seconds(now),
    reason: conditionReasons.clusterIsNotReady,
    message: conditionMessages.clusterIsNotReady,
  };
  return [...conditions.filter(({ type }) => type !== ready.type), ready];
}

/** RFC 3339 in whole seconds. */
export const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
