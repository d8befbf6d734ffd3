import { clusterEvents } from '@matriarch/api';
import { isControlledBy } from '@matriarch/kubernetes';
import { buildPodDisruptionBudgets, primaryBudgetName } from '../../builders/pdb.ts';
import { buildContext, type Draft, event } from '../draft.ts';
import { contains } from '../merge.ts';

export function decideBudgets(draft: Draft): undefined {
  const { cluster, owned } = draft.snapshot;
  const context = buildContext(draft);
  const wanted = buildPodDisruptionBudgets(context);
  for (const budget of wanted) {
    const name = budget.metadata?.name ?? '';
    const live = owned.podDisruptionBudgets.find(({ metadata }) => metadata?.name === name);
    if (!live) {
      event(draft, 'Normal', clusterEvents.creatingPodDisruptionBudget, `Creating PodDisruptionBudget ${name}`);
      draft.actions.push({ kind: 'create', resource: 'podDisruptionBudgets', object: budget });
    } else if (!contains(live.spec, budget.spec)) {
      event(draft, 'Normal', clusterEvents.updatingPodDisruptionBudget, `Updating PodDisruptionBudget ${name}`);
      draft.actions.push({ kind: 'patch', resource: 'podDisruptionBudgets', name, body: { spec: budget.spec } });
    }
  }
  const names = [cluster.metadata.name, primaryBudgetName(context)];
  for (const live of owned.podDisruptionBudgets) {
    const name = live.metadata?.name ?? '';
    const unwanted = names.includes(name) && !wanted.some(({ metadata }) => metadata?.name === name);
    if (!unwanted || !isControlledBy(live, cluster)) continue;
    event(draft, 'Normal', clusterEvents.deletingPodDisruptionBudget, `Deleting Pod Disruption Budget ${name}`);
    draft.actions.push({ kind: 'delete', resource: 'podDisruptionBudgets', name });
  }
  return undefined;
}
