/** What an instance manager says on /pg/status, as far as the operator acts on it. Absent means zero. */
export interface InstanceReport {
  isPrimary: boolean;
  currentLsn?: string;
  receivedLsn?: string;
  replayLsn?: string;
  systemID?: string;
  timeLineID?: number;
  pendingRestart?: boolean;
  pendingRestartForDecrease?: boolean;
  isWalReceiverActive?: boolean;
  isPgRewindRunning?: boolean;
  mightBeUnavailable?: boolean;
  isArchivingWAL?: boolean;
  loadedConfigurationHash?: string;
  executableHash?: string;
  instanceManagerVersion?: string;
  instanceArch?: string;
  isInstanceManagerUpgrading?: boolean;
  sessionID?: string;
  /** Since when (RFC 3339) PostgreSQL or one of its volumes has not answered; absent while all is well. */
  unresponsiveSince?: string;
  unresponsiveReason?: string;
  /** As a standby: neither the manager nor the PostgreSQL of the primary can be reached. */
  primaryUnreachable?: boolean;
  /** As a standby: time of the `pending` target since which it receives no more WAL. */
  targetSeen?: string;
  /** Last word of a manager whose PostgreSQL ended by itself. */
  postgresqlEnded?: boolean;
  /** Why the manager answers and PostgreSQL does not: it starts, or it stops. */
  unavailable?: string;
  /** Which volume is short of space, and what was done about it; absent while none is. */
  diskSpace?: { readonly level: 'low' | 'stopped' | 'closed'; readonly message: string };
}

/** What is known of an instance now. `unknown`: not asked long enough to tell. */
export type Observation =
  | { readonly kind: 'report'; readonly report: InstanceReport }
  /** The manager answers, and PostgreSQL does not serve. */
  | { readonly kind: 'unavailable'; readonly error: string }
  /** The manager said that PostgreSQL ended by itself, and was not heard of since. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unreachable'; readonly error: string }
  | { readonly kind: 'unknown' };

/** The parts of an observation on which decisions depend; positions in the WAL change all the time and do not count. */
export function decisiveParts(observation: Observation): string {
  if (observation.kind !== 'report') return JSON.stringify(observation);
  const {
    currentLsn: _current,
    receivedLsn: _received,
    replayLsn: _replay,
    isArchivingWAL: _archiving,
    ...rest
  } = pick(observation.report);
  return JSON.stringify(rest);
}

function pick(report: InstanceReport): InstanceReport {
  const fields = [
    'isPrimary',
    'currentLsn',
    'receivedLsn',
    'replayLsn',
    'systemID',
    'timeLineID',
    'pendingRestart',
    'pendingRestartForDecrease',
    'isWalReceiverActive',
    'isPgRewindRunning',
    'mightBeUnavailable',
    'isArchivingWAL',
    'loadedConfigurationHash',
    'executableHash',
    'instanceManagerVersion',
    'instanceArch',
    'isInstanceManagerUpgrading',
    'sessionID',
    'unresponsiveSince',
    'unresponsiveReason',
    'primaryUnreachable',
    'targetSeen',
    'postgresqlEnded',
    'unavailable',
    'diskSpace',
  ] as const;
  const entries = fields.filter((field) => report[field] !== undefined).map((field) => [field, report[field]]);
  return { isPrimary: false, ...Object.fromEntries(entries) };
}

/** Keeps only what the operator uses of a whole /pg/status answer. */
export function parseReport(text: string): InstanceReport {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('the status of an instance must be a JSON object');
  return pick(value as InstanceReport);
}

/** Compares `X/Y` positions; an absent one is the smallest. */
export function compareLsn(a: string | undefined, b: string | undefined): number {
  const value = (lsn: string | undefined) => {
    const [high = '0', low = '0'] = (lsn ?? '0/0').split('/');
    return (BigInt(`0x${high || '0'}`) << 32n) | BigInt(`0x${low || '0'}`);
  };
  const [left, right] = [value(a), value(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
