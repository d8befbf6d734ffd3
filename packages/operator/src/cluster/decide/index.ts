import { labels, roles } from '@matriarch/api';
import { done } from '@matriarch/kubernetes';
import type { Action, Plan } from '../actions.ts';
import type { Snapshot } from '../snapshot.ts';
import { createDraft, type Draft, type Step } from './draft.ts';
import { failover } from './election/failover.ts';
import { promotionToken, switching } from './election/switching.ts';
import { admission } from './guards/admission.ts';
import { brokenConditions, deleted, fingerprint, paused } from './guards/entry.ts';
import { image } from './guards/image.ts';
import { diskSpace, readiness, unreachable } from './guards/readiness.ts';
import { hibernation } from './hibernation.ts';
import { mergeDiff } from './merge.ts';
import { metadata } from './metadata.ts';
import { objects } from './objects/index.ts';
import { firstInstance, missingInstances, runningJobs, scaleUp } from './resources/creation.ts';
import { completedJobs, failedJobs } from './resources/jobs.ts';
import { endedPods, inactivePods, unrecoverablePods, unschedulablePods } from './resources/pods.ts';
import { scaleDown } from './resources/scaledown.ts';
import { addedVolumes, resize } from './resources/volumes.ts';
import { allReporting, healthy, inPlaceRestart, noneAlive, podsReady, sameConfiguration } from './resources/waiting.ts';
import { managers } from './rollout/managers.ts';
import { rollout } from './rollout/rollout.ts';
import { diskSpace as diskSpaceOfVolumes } from './status/diskSpace.ts';
import { observed } from './status/observed.ts';
import { oldPrimary, reported } from './status/reported.ts';

const validity = settled(admission);

/** What follows from the spec alone. Where nothing changes it, it need not be decided again and again. */
export const staticSteps: ReadonlySet<Step> = new Set([validity, objects]);

/** One pass over a cluster. The first step that gives a result ends it; what was decided until then is done. */
export const clusterSteps: readonly Step[] = [
  deleted,
  validity,
  paused,
  brokenConditions,
  fingerprint,
  resize,
  settled(image),
  objects,
  observed,
  diskSpaceOfVolumes,
  reported,
  switching,
  promotionToken,
  oldPrimary,
  metadata,
  unreachable,
  diskSpace,
  readiness,
  hibernation,
  failover,
  failedJobs,
  completedJobs,
  endedPods,
  unschedulablePods,
  unrecoverablePods,
  firstInstance,
  missingInstances,
  scaleUp,
  addedVolumes,
  inactivePods,
  runningJobs,
  noneAlive,
  podsReady,
  scaleDown,
  allReporting,
  managers,
  sameConfiguration,
  rollout,
  inPlaceRestart,
  healthy,
];

/** A step that may say another phase has to wait for the end of a switchover: its phase tells how the target was found. */
function settled(step: Step): Step {
  return (draft) => {
    const { currentPrimary, targetPrimary } = draft.snapshot.cluster.status ?? {};
    return currentPrimary && currentPrimary !== targetPrimary ? undefined : step(draft);
  };
}

/** What to do about a cluster now. Pure: the same snapshot gives the same plan. */
export function decide(snapshot: Snapshot, steps: readonly Step[] = clusterSteps): Plan {
  const draft = createDraft(snapshot);
  let result = done;
  for (const step of steps) {
    const outcome = step(draft);
    if (!outcome) continue;
    result = outcome;
    break;
  }
  keepTargetTime(draft);
  const patch = mergeDiff(snapshot.cluster.status ?? {}, draft.status);
  // The status goes first: it is refused when we decided on an old copy, and then nothing else is done either. But clients
  // wait for the label of a new primary, and no label keeps anybody from writing or lets him.
  const urgent = draft.actions.filter(leadsClients);
  const actions: Action[] = patch === undefined ? [] : [{ kind: 'patchStatus', patch: patch as object }];
  return { actions: [...urgent, ...actions, ...draft.actions.filter((action) => !leadsClients(action))], result };
}

/** Whether the Services lead to a primary by it. */
function leadsClients(action: Action): boolean {
  if (action.kind !== 'patch' || action.resource !== 'pods') return false;
  const { metadata } = action.body as { metadata?: { labels?: Record<string, string> } };
  return metadata?.labels?.[labels.instanceRole] === roles.instance.primary;
}

/** A target that was dropped and taken again in the same pass is the same target: its time stays. */
function keepTargetTime({ snapshot, status }: Draft): void {
  const before = snapshot.cluster.status;
  if (before?.targetPrimary !== status.targetPrimary || !before?.targetPrimaryTimestamp) return;
  status.targetPrimaryTimestamp = before.targetPrimaryTimestamp;
}
