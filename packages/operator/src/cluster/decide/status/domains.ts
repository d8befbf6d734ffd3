import { conditionReasons, conditionTypes, failureDomainKeys, isOtherDomain } from '@matriarch/api';
import { type Draft, setCondition } from '../draft.ts';

/**
 * Says whether enough synchronous standbys are in other failure domains than the primary. Where not, instance managers
 * take any standby: the condition is how one learns of it. Without failure domains there is no condition.
 */
export function failureDomains(draft: Draft): void {
  const { status, snapshot } = draft;
  const type = conditionTypes.syncReplicationTopologySatisfied;
  const domain = failureDomainKeys(snapshot.cluster);
  if (domain === undefined) {
    if (status.conditions) status.conditions = status.conditions.filter((condition) => condition.type !== type);
    return;
  }
  setCondition(draft, { type, ...judge(draft, domain) });
}

interface Judgement {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function judge(
  { status, snapshot }: Draft,
  { of, keys }: NonNullable<ReturnType<typeof failureDomainKeys>>,
): Judgement {
  const labels = `${of} labels ${keys.join(', ')}`;
  const without = 'synchronous standbys are chosen without them';
  const primary = status.currentPrimary || status.targetPrimary || '';
  const instances = status.topology?.instances ?? {};
  const own = instances[primary];
  if (status.topology?.successfullyExtracted !== true || own === undefined) {
    const message = `The ${labels} cannot be read from every instance: ${without}`;
    return { status: 'False', reason: conditionReasons.topologyNotExtracted, message };
  }
  const { synchronous } = snapshot.cluster.spec.postgresql ?? {};
  const preferred = synchronous?.dataDurability === 'preferred';
  const names = preferred ? (status.instancesStatus?.healthy ?? []) : (status.instanceNames ?? []);
  const remote = names.filter((name) => isOtherDomain(own, instances[name], keys));
  const needed = preferred ? 1 : (synchronous?.number ?? 1);
  const message = `${remote.length} instances differ from ${primary} in the ${labels}, ${needed} are needed`;
  if (remote.length >= needed) return { status: 'True', reason: conditionReasons.topologySatisfied, message };
  const reason = conditionReasons.insufficientCrossDomainReplicas;
  return { status: 'False', reason, message: `${message}: ${without}` };
}
