import { areClaimsReused, isMaintenanceInProgress, isPdbEnabled, labels, roles } from '@matriarch/api';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import { appLabels, type BuildContext, inheritedMeta } from './metadata.ts';

/** The budgets that should exist now, the one of the primary first. */
export function buildPodDisruptionBudgets(context: BuildContext): PodDisruptionBudget[] {
  const { cluster } = context;
  if (!isPdbEnabled(cluster)) return [];
  const { instances } = cluster.spec;
  const maintenance = isMaintenanceInProgress(cluster) && areClaimsReused(cluster);
  const list: PodDisruptionBudget[] = [];
  if (!(maintenance && instances === 1))
    list.push(budget(context, primaryBudgetName(context), roles.instance.primary, 1));
  if (!maintenance && instances >= 3) {
    list.push(budget(context, cluster.metadata.name, roles.instance.replica, instances - 2));
  }
  return list;
}

export const primaryBudgetName = ({ cluster }: BuildContext): string => `${cluster.metadata.name}-primary`;

function budget(context: BuildContext, name: string, role: string, minAvailable: number): PodDisruptionBudget {
  return {
    metadata: inheritedMeta(context, { name, labels: appLabels(context) }),
    spec: {
      minAvailable,
      selector: { matchLabels: { [labels.cluster]: context.cluster.metadata.name, [labels.instanceRole]: role } },
    },
  };
}
