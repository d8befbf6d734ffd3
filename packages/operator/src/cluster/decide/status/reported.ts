import { conditionReasons, conditionTypes } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { type Draft, type Step, setCondition } from '../draft.ts';
import { lossOf } from '../election/evidence.ts';

/** What the instances themselves say. */
export const reported: Step = (draft) => {
  const { status, instances } = draft;
  const states: NonNullable<typeof status.instancesReportedState> = {};
  for (const { name, pod, report } of instances) {
    const ip = pod.status?.podIP;
    // The others must know where to look for an instance that we do not reach: they say whether they do.
    if (!report && ip === undefined) continue;
    states[name] = {
      isPrimary: report?.isPrimary === true,
      ...(report?.timeLineID === undefined ? {} : { timeLineID: report.timeLineID }),
      ...(ip === undefined ? {} : { ip }),
    };
  }
  status.instancesReportedState = states;
  const primary = instances.find(({ report }) => report?.isPrimary);
  if (primary?.report?.timeLineID) status.timelineID = primary.report.timeLineID;
  systemId(draft);
  const current = instances.find(({ name }) => name === status.currentPrimary);
  if (current?.ready && current.report && lossOf(draft) === undefined)
    delete status.currentPrimaryFailingSinceTimestamp;
  return undefined;
};

function systemId(draft: Draft): void {
  const ids = new Set(draft.instances.map(({ report }) => report?.systemID).filter((id) => id));
  if (ids.size === 0 && !draft.instances.some(({ report }) => report)) return;
  const [only] = ids;
  draft.status.systemID = ids.size === 1 && only ? only : '';
  const { systemIDUnique, systemIDNotFound, systemIDMismatch } = conditionReasons;
  setCondition(draft, {
    type: conditionTypes.consistentSystemID,
    status: ids.size === 1 ? 'True' : 'False',
    reason: ids.size === 1 ? systemIDUnique : ids.size === 0 ? systemIDNotFound : systemIDMismatch,
    message:
      ids.size === 1
        ? 'A single, unique system ID was found across reporting instances.'
        : ids.size === 0
          ? 'No instances are present in the cluster to report a system ID.'
          : `Multiple differing system IDs reported by instances: ${[...ids].sort().join(', ')}`,
  });
}

/** Two instances that both say they are the primary: the older one is on its way down. */
export const oldPrimary: Step = ({ instances }) => {
  const primaries = instances.filter(({ report }) => report?.isPrimary);
  return primaries.length > 1 ? requeue(5_000, 'waiting for the old primary to be demoted') : undefined;
};
