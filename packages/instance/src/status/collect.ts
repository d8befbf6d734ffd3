import type { Database } from '../database.ts';
import { errorText } from '../logger.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { type ManagerState, mightBeUnavailable } from '../state.ts';
import { pendingDecreaseSql, positionSql, statusSql } from './query.ts';
import { readyFiles } from './ready.ts';
import type { PostgresqlStatus } from './types.ts';

export interface Identity {
  readonly podName: string;
  readonly clusterName: string;
  readonly executableHash: string;
  readonly version: string;
  readonly sessionId: string;
}

export interface CollectInput {
  readonly identity: Identity;
  readonly pgData: string;
  readonly database: Database;
  readonly state: ManagerState;
}

/** Thrown where the status cannot be told; `/pg/status` then answers 500 with the text. */
export class StatusError extends Error {}

function baseStatus(input: CollectInput): PostgresqlStatus {
  const { identity, state } = input;
  return {
    systemID: '',
    isPrimary: false,
    replayPaused: false,
    pendingRestart: false,
    pendingRestartForDecrease: false,
    isWalReceiverActive: false,
    isPgRewindRunning: state.rewinding,
    mightBeUnavailable: mightBeUnavailable(state),
    node: '',
    pod: { metadata: { name: identity.podName } },
    executableHash: identity.executableHash,
    instanceManagerVersion: identity.version,
    instanceArch: process.arch === 'x64' ? 'amd64' : process.arch,
    isInstanceManagerUpgrading: state.upgrading,
    sessionID: identity.sessionId,
    isPodReady: false,
  };
}

/** Collects the whole status. Errors are masked while PostgreSQL may be away by our own will. */
export async function collectStatus(input: CollectInput): Promise<PostgresqlStatus> {
  const base = baseStatus(input);
  if (input.state.rewinding) return base;
  try {
    return { ...base, ...(await askServer(input)) };
  } catch (error) {
    if (!mightBeUnavailable(input.state)) throw new StatusError(errorText(error), { cause: error });
    return { ...base, isPrimary: await looksPrimary(input.pgData), mightBeUnavailableMaskedError: errorText(error) };
  }
}

async function askServer(input: CollectInput): Promise<Partial<PostgresqlStatus>> {
  const pattern = `^${escapePattern(input.identity.clusterName)}-[0-9]+$`;
  const [row] = await input.database.query<{ status: Partial<PostgresqlStatus> }>(statusSql, [pattern]);
  const status = row?.status ?? {};
  if (status.isPrimary === true) status.readyWalFiles = (await readyFiles(input.pgData)).length;
  if (status.pendingRestart === true) {
    const rows = await input.database.query<{ name: string; current: number; pending: number }>(pendingDecreaseSql);
    // A setting may be in the files twice; the last one counts.
    const last = new Map(rows.map((entry) => [entry.name, entry]));
    status.pendingRestartForDecrease = [...last.values()].some((entry) => entry.pending < entry.current);
  }
  return dropEmpty(status);
}

/** Reads only what moves, and puts it over the last whole status. */
export async function refreshPosition(input: CollectInput, last: PostgresqlStatus): Promise<PostgresqlStatus> {
  const [row] = await input.database.query<{ status: Partial<PostgresqlStatus> }>(positionSql);
  return { ...last, ...(row?.status ?? {}) };
}

function dropEmpty(status: Partial<PostgresqlStatus>): Partial<PostgresqlStatus> {
  if (status.lastArchivedWAL === '') delete status.lastArchivedWAL;
  if (status.lastFailedWAL === '') delete status.lastFailedWAL;
  if (status.isArchivingWAL === false) delete status.isArchivingWAL;
  if (status.readyWalFiles === 0) delete status.readyWalFiles;
  if (status.loadedConfigurationHash === '') delete status.loadedConfigurationHash;
  return status;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.\\+*?[\](){}^$|]/g, '\\$&');
}
