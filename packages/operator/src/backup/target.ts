import { backupTarget } from '@matriarch/api';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { postgresContainerName } from '../cluster/builders/pod.ts';
import { isPodReady, podName } from '../cluster/decide/instances.ts';
import type { BackupSnapshot } from './snapshot.ts';

/** The pod to take the backup from, or why there is none now. */
export function chooseTarget({ backup, cluster, pods }: BackupSnapshot): { pod: Pod } | { problem: string } {
  if (!cluster) return { problem: 'the cluster does not exist' };
  const { image, pgDataImageInfo, targetPrimary } = cluster.status ?? {};
  const runsImage = (pod: Pod) =>
    pod.spec?.containers.find(({ name }) => name === postgresContainerName)?.image === image;
  if (pgDataImageInfo && pgDataImageInfo.image !== image) return { problem: 'an upgrade of PostgreSQL is under way' };
  const primary = pods.find((pod) => podName(pod) === targetPrimary);
  const standby = pods.find((pod) => pod !== primary && isPodReady(pod) && runsImage(pod));
  const chosen = backupTarget(backup, cluster) === 'primary' ? primary : (standby ?? primary);
  if (!chosen) return { problem: 'no instance can be backed up now' };
  if (!runsImage(chosen)) return { problem: `pod ${podName(chosen)} is to be updated to another image first` };
  if (!isPodReady(chosen)) return { problem: `pod ${podName(chosen)} is not ready` };
  return { pod: chosen };
}

export function containerId(pod: Pod): string {
  return pod.status?.containerStatuses?.find(({ name }) => name === postgresContainerName)?.containerID ?? '';
}
