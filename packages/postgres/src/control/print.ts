import { formatLsn } from '../wal/lsn.ts';
import type { Checkpoint, ControlData } from './types.ts';

type Line = readonly [label: string, value: string | number];

/**
 * The facts with the labels and in the layout of `pg_controldata`, which readers on the wire expect and which is not
 * part of every PostgreSQL installation. Times are in UTC.
 */
export function printControlData(data: ControlData): string {
  const lines: Line[] = [
    ['pg_control version number', data.controlVersion],
    ['Catalog version number', data.catalogVersion],
    ['Database system identifier', data.systemIdentifier],
    ['Database cluster state', data.state],
    ['pg_control last modified', time(data.modifiedAt)],
    ...checkpointLines(data.checkpoint),
    ...recoveryLines(data),
    ...settingLines(data),
    ...storageLines(data),
  ];
  return lines.map(([label, value]) => `${`${label}:`.padEnd(38)}${value}\n`).join('');
}

function checkpointLines(checkpoint: Checkpoint): Line[] {
  const xid = `${checkpoint.nextXid >> 32n}:${checkpoint.nextXid & 0xffffffffn}`;
  return [
    ['Latest checkpoint location', formatLsn(checkpoint.location)],
    ["Latest checkpoint's REDO location", formatLsn(checkpoint.redo)],
    ["Latest checkpoint's REDO WAL file", checkpoint.redoWalFile],
    ["Latest checkpoint's TimeLineID", checkpoint.timeline],
    ["Latest checkpoint's PrevTimeLineID", checkpoint.previousTimeline],
    ["Latest checkpoint's full_page_writes", onOff(checkpoint.fullPageWrites)],
    ["Latest checkpoint's NextXID", xid],
    ["Latest checkpoint's NextOID", checkpoint.nextOid],
    ["Latest checkpoint's NextMultiXactId", checkpoint.nextMultiXactId],
    ["Latest checkpoint's NextMultiOffset", checkpoint.nextMultiOffset],
    ["Latest checkpoint's oldestXID", checkpoint.oldestXid],
    ["Latest checkpoint's oldestXID's DB", checkpoint.oldestXidDatabase],
    ["Latest checkpoint's oldestActiveXID", checkpoint.oldestActiveXid],
    ["Latest checkpoint's oldestMultiXid", checkpoint.oldestMultiXid],
    ["Latest checkpoint's oldestMulti's DB", checkpoint.oldestMultiDatabase],
    ["Latest checkpoint's oldestCommitTsXid", checkpoint.oldestCommitTimestampXid],
    ["Latest checkpoint's newestCommitTsXid", checkpoint.newestCommitTimestampXid],
    ['Time of latest checkpoint', time(checkpoint.time)],
  ];
}

function recoveryLines(data: ControlData): Line[] {
  return [
    ['Fake LSN counter for unlogged rels', formatLsn(data.unloggedLsn)],
    ['Minimum recovery ending location', formatLsn(data.minRecoveryEnd)],
    ["Min recovery ending loc's timeline", data.minRecoveryEndTimeline],
    ['Backup start location', formatLsn(data.backupStart)],
    ['Backup end location', formatLsn(data.backupEnd)],
    ['End-of-backup record required', data.backupEndRequired ? 'yes' : 'no'],
  ];
}

function settingLines(data: ControlData): Line[] {
  return [
    ['wal_level setting', data.walLevel],
    ['wal_log_hints setting', onOff(data.walLogHints)],
    ['max_connections setting', data.maxConnections],
    ['max_worker_processes setting', data.maxWorkerProcesses],
    ['max_wal_senders setting', data.maxWalSenders],
    ['max_prepared_xacts setting', data.maxPreparedTransactions],
    ['max_locks_per_xact setting', data.maxLocksPerTransaction],
    ['track_commit_timestamp setting', onOff(data.trackCommitTimestamp)],
  ];
}

function storageLines(data: ControlData): Line[] {
  const { defaultCharSigned } = data;
  return [
    ['Maximum data alignment', data.maxAlign],
    ['Database block size', data.blockSize],
    ['Blocks per segment of large relation', data.blocksPerSegment],
    ['WAL block size', data.walBlockSize],
    ['Bytes per WAL segment', data.segmentSize],
    ['Maximum length of identifiers', data.nameLength],
    ['Maximum columns in an index', data.indexMaxKeys],
    ['Maximum size of a TOAST chunk', data.toastChunkSize],
    ['Size of a large-object chunk', data.largeObjectChunkSize],
    ['Date/time type storage', '64-bit integers'],
    ['Float8 argument passing', data.float8ByValue ? 'by value' : 'by reference'],
    ['Data page checksum version', data.dataChecksumVersion],
    ...(defaultCharSigned === undefined
      ? []
      : ([['Default char data signedness', defaultCharSigned ? 'signed' : 'unsigned']] as const)),
    ['Mock authentication nonce', data.mockAuthenticationNonce],
  ];
}

const onOff = (value: boolean): string => (value ? 'on' : 'off');

/** As C's `%c` prints it in the C locale: `Mon Nov 23 06:00:05 2026`. */
function time(seconds: number): string {
  const [weekday, day, month, year, clock] = new Date(seconds * 1000).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`;
}
