import { clusterPhases } from '@matriarch/api';
import { done, requeue } from '@matriarch/kubernetes';
import { type Step, setPhase } from '../draft.ts';

const lookMs = 1_000;

/*
 * Instance managers of another version than ours are replaced in place, without a restart of PostgreSQL: one at a time, the
 * last in order of fitness first, the primary last, and only while all instances are ready and report. The
 * attempt runs beside the passes (manager/updates.ts); which version an instance runs is always read from its report, so
 * nothing has to be remembered.
 */
export const managers: Step = (draft) => {
  const { snapshot, instances, status } = draft;
  const { managers: offered, update } = snapshot.operator;
  if (!snapshot.config.inPlaceUpdates || offered.length === 0) return undefined;
  if (instances.some(({ report }) => !report?.executableHash)) return undefined;
  for (const { name, report } of instances.toReversed()) {
    const manager = offered.find(({ goArch }) => goArch === report?.instanceArch);
    if (manager === undefined) {
      setPhase(
        draft,
        clusterPhases.architectureMissing,
        `${name} runs on ${report?.instanceArch}, which the operator has no instance manager for`,
      );
      return done;
    }
    if (report?.executableHash === manager.hash) continue;
    setPhase(draft, clusterPhases.onlineUpgrade, `Updating the instance manager of ${name} in place`);
    // The instance compares what it receives with the status: that has to be written first.
    const told = snapshot.cluster.status?.availableArchitectures?.some(({ hash }) => hash === manager.hash);
    if (update.kind === 'idle' && told && !report?.isInstanceManagerUpgrading) {
      const formerHash = report?.executableHash ?? '';
      draft.actions.push({ kind: 'updateManager', instance: name, formerHash });
    }
    return requeue(lookMs, `the instance manager of ${name} is updated`);
  }
  // The last report of a manager that has just been replaced may still be the old one's.
  return update.kind === 'idle' || status.phase !== clusterPhases.onlineUpgrade
    ? undefined
    : requeue(lookMs, 'the update of an instance manager ends');
};
