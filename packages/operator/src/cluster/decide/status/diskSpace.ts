import { conditionMessages, conditionReasons, conditionTypes } from '@matriarch/api';
import type { InstanceReport } from '../../../instances/report.ts';
import { type Step, setCondition } from '../draft.ts';

type Space = NonNullable<InstanceReport['diskSpace']>;

const ranks: Readonly<Record<Space['level'], number>> = { low: 1, stopped: 2, closed: 3 };
const reasons = {
  low: conditionReasons.diskSpaceLow,
  stopped: conditionReasons.writesStopped,
  closed: conditionReasons.connectionsRefused,
} as const;

/**
 * Sums up what the instances say of their volumes. The condition is there from the first shortage on; it becomes true again when
 * every instance has been heard.
 */
export const diskSpace: Step = (draft) => {
  const { instances, status } = draft;
  const short = instances.flatMap(({ report }) => (report?.diskSpace ? [report.diskSpace] : []));
  const known = status.conditions?.find(({ type }) => type === conditionTypes.diskSpace);
  if (short.length === 0) {
    const heard = instances.length > 0 && instances.every(({ report }) => report !== undefined);
    if (known === undefined || !heard) return undefined;
    setCondition(draft, {
      type: conditionTypes.diskSpace,
      status: 'True',
      reason: conditionReasons.diskSpaceSufficient,
      message: conditionMessages.diskSpaceSufficient,
    });
    return undefined;
  }
  const [worst] = short.toSorted((a, b) => ranks[b.level] - ranks[a.level]);
  setCondition(draft, {
    type: conditionTypes.diskSpace,
    status: 'False',
    reason: reasons[worst?.level ?? 'low'],
    message: short
      .map(({ message }) => message)
      .sort()
      .join('. '),
  });
  return undefined;
};
