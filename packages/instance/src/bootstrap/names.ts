import { roles } from '@matriarch/api';

/** The instance that a Job fills: its pods are told the name of the Job, `<instance>-<role>`. */
export function instanceName(jobName: string): string {
  const suffix = Object.values(roles.job).find((role) => jobName.endsWith(`-${role}`));
  return suffix === undefined ? jobName : jobName.slice(0, -suffix.length - 1);
}
