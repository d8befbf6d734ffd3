import { readControlData } from '@matriarch/postgres';
import { looksPrimary } from '../rejoin/role.ts';
import type { ParameterFloor } from './files.ts';

/**
 * A standby refuses to start, or stops replaying, with less than what its primary had when it wrote the WAL. So a
 * standby keeps the greater of both until it has replayed the primary's smaller values.
 */
export async function parameterFloor(pgData: string): Promise<ParameterFloor> {
  if (await looksPrimary(pgData)) return {};
  const control = await readControlData(pgData);
  return {
    max_connections: control.maxConnections,
    max_prepared_transactions: control.maxPreparedTransactions,
    max_wal_senders: control.maxWalSenders,
    max_worker_processes: control.maxWorkerProcesses,
    max_locks_per_transaction: control.maxLocksPerTransaction,
  };
}
