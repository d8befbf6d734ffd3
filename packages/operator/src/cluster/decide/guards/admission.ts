import { clusterPhases, guard, guardMessage } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { apiConfigOf } from '../../../config/api.ts';
import { buildInstancePod } from '../../builders/pod.ts';
import { type Step, setPhase } from '../draft.ts';
import { mergeDiff } from '../merge.ts';

/** Defaults and rules as at admission, so that a cluster without webhooks, or from before a rule, is as safe. */
export const admission: Step = (draft) => {
  const { cluster, config } = draft.snapshot;
  const buildPod = () => buildInstancePod({ cluster, config }, 1);
  const { object, isChanged, errors } = guard({ kind: 'Cluster', object: cluster }, apiConfigOf(config), buildPod);
  if (isChanged) {
    draft.actions.push({ kind: 'patchCluster', body: { spec: mergeDiff(cluster.spec, object.spec) } });
    return requeue(1_000, 'filling in defaults');
  }
  if (errors.length === 0) return undefined;
  const problem = guardMessage(errors);
  setPhase(draft, clusterPhases.invalid, problem);
  return { kind: 'terminal', reason: problem };
};
