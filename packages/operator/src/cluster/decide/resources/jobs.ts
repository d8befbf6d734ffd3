import { clusterPhases } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { claimName, claimStatus, isJobComplete, isJobFailed } from '../claims.ts';
import { type Step, setPhase } from '../draft.ts';
import { markReady } from '../metadata.ts';

/** A job that gave up is for a person to look at. */
export const failedJobs: Step = (draft) => {
  const failed = draft.snapshot.jobs.filter(isJobFailed).map(({ metadata }) => metadata?.name ?? '');
  if (failed.length === 0) return undefined;
  const advice = 'Check the job logs to investigate the cause of the failure.';
  const reason = `Instance creation failed for the following jobs: ${failed.join(', ')}. ${advice}`;
  setPhase(draft, clusterPhases.unrecoverable, reason);
  return requeue(5_000, reason);
};

/** A job that is done has filled its claims; it goes once they are marked, so that a crash in between loses nothing. */
export const completedJobs: Step = ({ snapshot, groups, actions, ...draft }) => {
  for (const job of snapshot.jobs.filter(isJobComplete)) {
    const group = groups.find((each) => each.job === job);
    const open = (group?.claims ?? []).filter((claim) => claimStatus(claim) !== 'ready').map(claimName);
    for (const claim of open) markReady({ snapshot, groups, actions, ...draft }, claim);
    if (open.length > 0 || job.metadata?.deletionTimestamp) continue;
    const uid = job.metadata?.uid;
    actions.push({ kind: 'delete', resource: 'jobs', name: job.metadata?.name ?? '', ...(uid ? { uid } : {}) });
  }
  return undefined;
};
