import { clusterPhases } from '@matriarch/api';
import type { Plan } from '../../../packages/operator/src/cluster/actions.ts';
import type { Snapshot } from '../../../packages/operator/src/cluster/snapshot.ts';
import type { Disk } from '../postgres/disk.ts';
import { holds } from '../postgres/wal.ts';
import type { World } from '../world.ts';

/** What is wrong with the instance that an election names, by what the instances that report really have. */
export function checkNaming(world: World, snapshot: Snapshot, plan: Plan): string | undefined {
  const status = plan.actions.find((action) => action.kind === 'patchStatus')?.patch;
  const target = status?.targetPrimary;
  const before = snapshot.cluster.status;
  const phase = status?.phase ?? before?.phase;
  if (typeof target !== 'string' || target === 'pending' || phase !== clusterPhases.failOver) return undefined;
  if (target === before?.currentPrimary) return undefined;
  const named = world.disks.get(target);
  if (named === undefined) return `${target} is named and has no data`;
  for (const [name, observation] of snapshot.observations) {
    const other = world.disks.get(name);
    if (name === target || other === undefined || observation.kind !== 'report' || observation.report.isPrimary)
      continue;
    if (observation.report.receivedLsn !== undefined && hasMore(other, named)) {
      return `${target} is named at ${named.flushed}, ${name} reports and has ${other.flushed}`;
    }
  }
  return undefined;
}

function hasMore(other: Disk, named: Disk): boolean {
  if (!other.standby || other.torn || holds(placeOf(named), other.branch, other.flushed)) return false;
  return holds(placeOf(other), named.branch, named.flushed);
}

const placeOf = ({ branch, flushed }: Disk) => ({ branch, lsn: flushed });
