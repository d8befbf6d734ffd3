import { tablespaceVolumeName } from '@matriarch/api';

/** Name of the claim of a tablespace of an instance. */
export function instanceVolumeClaim(instance: string, tablespace: string): string {
  return `${instance}-${tablespaceVolumeName(tablespace)}`;
}
