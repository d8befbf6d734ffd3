import { readControlData } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import { looksPrimary } from '../rejoin/role.ts';

/**
 * Place of the checkpoint with which this former primary shut down. A standby, and a server that did not end cleanly,
 * have nothing to hand over.
 */
export async function finalLsn(instance: Instance): Promise<bigint | undefined> {
  const { pgData } = instance.options.layout;
  if (!(await looksPrimary(pgData))) return undefined;
  const { state, checkpoint } = await readControlData(pgData);
  return state === 'shut down' ? checkpoint.location : undefined;
}
