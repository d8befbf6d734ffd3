import type { Database } from '../database.ts';
import { type Health, unresponsive } from '../health/health.ts';
import { type Lane, SilentError } from '../lane.ts';
import { errorText } from '../logger.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { type ManagerState, mightBeUnavailable } from '../state.ts';
import { pendingDecreaseSql, positionSql, statusSql } from './query.ts';
import { readyFiles } from './ready.ts';
import { walTimeline } from './timeline.ts';
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
  /** Where the server is asked: nobody who follows the status waits for a hung server. */
  readonly lane: Lane;
  readonly state: ManagerState;
  readonly health: Health;
  /** Process number of the server, while there is one. */
  readonly pid: number | undefined;
  readonly memory: StatusMemory;
}

/** What the running server said last. */
export interface StatusMemory {
  told?: { readonly pid: number | undefined; readonly status: Partial<PostgresqlStatus> };
}

/** Longer than any healthy server takes, shorter than the operator's patience with a silent stream. */
export const statusLimitMs = 1500;

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
    ...ofElection(state),
    sessionID: identity.sessionId,
    isPodReady: false,
    ...unresponsive(input.health),
    ...(state.space === undefined ? {} : { diskSpace: state.space }),
  };
}

/** What an election is decided from beside PostgreSQL's own word. */
function ofElection({ primaryUnreachable, targetSeen }: ManagerState): Partial<PostgresqlStatus> {
  return {
    ...(primaryUnreachable ? { primaryUnreachable } : {}),
    ...(targetSeen === undefined ? {} : { targetSeen }),
  };
}

/**
 * Collects the whole status. Errors are masked while PostgreSQL may be away by our own will. Of a server that does not
 * answer, what it said last is told: it is still true that it is there, and positions only grow.
 */
export async function collectStatus(input: CollectInput): Promise<PostgresqlStatus> {
  const base = baseStatus(input);
  if (input.state.rewinding) return base;
  if (input.state.ended) return { ...base, isPrimary: await looksPrimary(input.pgData), postgresqlEnded: true };
  try {
    const status = await askServer(input);
    input.memory.told = { pid: input.pid, status };
    return { ...base, ...status };
  } catch (error) {
    const told = input.memory.told?.pid === input.pid ? input.memory.told : undefined;
    if (told !== undefined && isSilence(error, base)) return { ...base, ...told.status };
    // The data directory may be what hangs, so it is not asked who this is.
    if (base.unresponsiveSince !== undefined) return base;
    if (!mightBeUnavailable(input.state)) throw new StatusError(errorText(error), { cause: error });
    return { ...base, isPrimary: await looksPrimary(input.pgData), mightBeUnavailableMaskedError: errorText(error) };
  }
}

function isSilence(error: unknown, base: PostgresqlStatus): boolean {
  return error instanceof SilentError || base.unresponsiveSince !== undefined;
}

async function askServer(input: CollectInput): Promise<Partial<PostgresqlStatus>> {
  const pattern = `^${escapePattern(input.identity.clusterName)}-[0-9]+$`;
  const [row] = await input.lane.query<{ status: Partial<PostgresqlStatus> }>(statusSql, [pattern]);
  const status = row?.status ?? {};
  // Positions of different timelines cannot be compared: the operator looks at this first.
  if (status.isPrimary !== true) status.timeLineID = await walTimeline(input.pgData);
  if (status.isPrimary === true) status.readyWalFiles = (await readyFiles(input.pgData)).length;
  if (status.pendingRestart === true) {
    const rows = await input.lane.query<{ name: string; current: number; pending: number }>(pendingDecreaseSql);
    // A setting may be in the files twice; the last one counts.
    const last = new Map(rows.map((entry) => [entry.name, entry]));
    status.pendingRestartForDecrease = [...last.values()].some((entry) => entry.pending < entry.current);
  }
  return dropEmpty(status);
}

/** Reads only what moves, and puts it over the last whole status. */
export async function refreshPosition(input: CollectInput, last: PostgresqlStatus): Promise<PostgresqlStatus> {
  const { primaryUnreachable: _unreachable, targetSeen: _seen, ...rest } = last;
  const known = { ...rest, ...ofElection(input.state) };
  try {
    const [row] = await input.lane.query<{ status: Partial<PostgresqlStatus> }>(positionSql);
    return { ...known, ...(row?.status ?? {}) };
  } catch (error) {
    if (error instanceof SilentError) return { ...known, ...unresponsive(input.health) };
    // A server that was killed on a hung volume: that it hangs must be said without a gap, or the primary seems to be well.
    if (unresponsive(input.health).unresponsiveSince !== undefined) return collectStatus(input);
    throw error;
  }
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
