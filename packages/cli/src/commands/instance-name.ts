import type { Cluster } from '@matriarch/api';
import { CommandError } from '../errors.ts';

/** An instance argument: a number is the serial of one of the cluster's instances, anything else a pod's name. */
export function instanceName(cluster: string, argument: string): string {
  return /^\d+$/.test(argument) ? `${cluster}-${Number(argument)}` : argument;
}

/** @throws CommandError naming the instances that there are, unless the name is one of them. */
export function requireInstance({ metadata, status }: Cluster, instance: string): void {
  const names = status?.instanceNames ?? [];
  if (names.includes(instance)) return;
  const known = names.length > 0 ? names.join(', ') : 'none yet';
  throw new CommandError(`cluster ${metadata.name} has no instance ${instance}; its instances: ${known}`);
}
