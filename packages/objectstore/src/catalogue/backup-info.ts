import { StoreError } from '../store.ts';
import { type Literal, parseLiteral, stringLiteral } from './literal.ts';

export type BackupState = 'EMPTY' | 'STARTED' | 'FAILED' | 'WAITING_FOR_WALS' | 'DONE' | 'SYNCING';

export interface Tablespace {
  name: string;
  oid: number;
  location: string;
}

/** What backup.info says of one base backup; `undefined` is written as `None`. */
export interface BackupInfo {
  backupId: string;
  backupName?: string | undefined;
  status: BackupState;
  error?: string | undefined;
  systemId?: string | undefined;
  version?: number | undefined;
  timeline?: number | undefined;
  pgdata?: string | undefined;
  configFile?: string | undefined;
  hbaFile?: string | undefined;
  identFile?: string | undefined;
  includedFiles?: string[] | undefined;
  tablespaces?: Tablespace[] | undefined;
  dataChecksums?: string | undefined;
  summarizeWal?: string | undefined;
  segmentSize?: number | undefined;
  clusterSize?: number | undefined;
  beginTime?: Date | undefined;
  beginLsn?: string | undefined;
  beginWal?: string | undefined;
  beginOffset?: number | undefined;
  endTime?: Date | undefined;
  endLsn?: string | undefined;
  endWal?: string | undefined;
  endOffset?: number | undefined;
  backupLabel?: string | undefined;
  /** A Python dict literal; informative only. */
  copyStats?: string | undefined;
}

/**
 * Always `None`. Barman refuses a whole catalogue for a key that it does not know, so beside the keys below none may be
 * written. Six keys of Barman 3.17 are left out (children_backup_ids, cluster_size, data_checksums, encryption,
 * parent_backup_id, summarize_wal): all are informative, newer readers take defaults, and older ones can read the rest.
 */
const neverSet = ['compression', 'deduplicated_size', 'mode', 'size'] as const;

/** `2026-01-31 10:15:30.123456+00:00`; Date holds milliseconds, which are written as such. */
export function formatTime(time: Date): string {
  const [day, clock] = time.toISOString().slice(0, -1).split('T');
  const [whole, fraction] = (clock ?? '').split('.');
  return `${day} ${whole}${fraction === '000' ? '' : `.${fraction}000`}+00:00`;
}

function tablespaceLiteral(tablespaces: readonly Tablespace[]): string {
  const tuples = tablespaces.map(
    ({ name, oid, location }) => `(${stringLiteral(name)}, ${oid}, ${stringLiteral(location)})`,
  );
  return `[${tuples.join(', ')}]`;
}

/** The file's text: keys in ascending order, all of them present but those that Barman leaves out. */
export function formatBackupInfo(info: BackupInfo): string {
  const fields: Record<string, string | number | undefined> = {
    ...Object.fromEntries(neverSet.map((key) => [key, undefined])),
    backup_label: info.backupLabel === undefined ? undefined : stringLiteral(info.backupLabel),
    begin_offset: info.beginOffset,
    begin_time: info.beginTime && formatTime(info.beginTime),
    begin_wal: info.beginWal,
    begin_xlog: info.beginLsn,
    config_file: info.configFile,
    copy_stats: info.copyStats,
    end_offset: info.endOffset,
    end_time: info.endTime && formatTime(info.endTime),
    end_wal: info.endWal,
    end_xlog: info.endLsn,
    error: info.error?.split('\n', 1)[0],
    hba_file: info.hbaFile,
    ident_file: info.identFile,
    included_files: info.includedFiles?.length ? `[${info.includedFiles.map(stringLiteral).join(', ')}]` : undefined,
    pgdata: info.pgdata,
    server_name: 'cloud',
    status: info.status,
    systemid: info.systemId,
    tablespaces: info.tablespaces?.length ? tablespaceLiteral(info.tablespaces) : undefined,
    timeline: info.timeline,
    version: info.version,
    xlog_segment_size: info.segmentSize,
  };
  if (info.backupName !== undefined) fields.backup_name = info.backupName;
  return Object.keys(fields)
    .sort()
    .map((key) => `${key}=${fields[key] ?? 'None'}\n`)
    .join('');
}

const states: readonly string[] = ['EMPTY', 'STARTED', 'FAILED', 'WAITING_FOR_WALS', 'DONE', 'SYNCING'];

/**
 * Reads a backup.info as Barman or we wrote it. Unknown keys are passed over: a newer writer may have added some.
 * @throws StoreError `invalid` naming the backup and the line that cannot be read.
 */
export function parseBackupInfo(backupId: string, text: string): BackupInfo {
  const values = readLines(text);
  const fail = (key: string, what: string): never => {
    throw new StoreError('invalid', `backup.info of ${backupId}: ${key}=${values.get(key)} is not ${what}`);
  };
  const number = (key: string) => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    return /^\d+$/.test(value) ? Number(value) : fail(key, 'a number');
  };
  const time = (key: string) => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    return parseTime(value) ?? fail(key, 'a time');
  };
  const literal = (key: string): Literal | undefined => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    try {
      return parseLiteral(value);
    } catch {
      return fail(key, 'a Python literal');
    }
  };
  const status = values.get('status') ?? 'EMPTY';
  if (!states.includes(status)) fail('status', `one of ${states.join(', ')}`);
  return {
    backupId,
    backupName: values.get('backup_name'),
    status: status as BackupState,
    error: values.get('error'),
    systemId: values.get('systemid'),
    version: number('version'),
    timeline: number('timeline'),
    pgdata: values.get('pgdata'),
    configFile: values.get('config_file'),
    hbaFile: values.get('hba_file'),
    identFile: values.get('ident_file'),
    includedFiles: stringList(literal('included_files')),
    tablespaces: tablespaceList(literal('tablespaces')),
    dataChecksums: values.get('data_checksums'),
    summarizeWal: values.get('summarize_wal'),
    segmentSize: number('xlog_segment_size'),
    clusterSize: number('cluster_size'),
    beginTime: time('begin_time'),
    beginLsn: values.get('begin_xlog'),
    beginWal: values.get('begin_wal'),
    beginOffset: number('begin_offset'),
    endTime: time('end_time'),
    endLsn: values.get('end_xlog'),
    endWal: values.get('end_wal'),
    endOffset: number('end_offset'),
    backupLabel: asText(literal('backup_label')),
    copyStats: values.get('copy_stats'),
  };
}

function readLines(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (line.trim() === '' || line.startsWith('#') || at < 0) continue;
    const value = line.slice(at + 1).trim();
    if (value !== 'None') values.set(line.slice(0, at).trim(), value);
  }
  return values;
}

/** Times as `2026-01-31 10:15:30.123456+00:00`, ISO 8601 or ctime. */
function parseTime(text: string): Date | undefined {
  const iso = text.replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T').replace(/(\.\d{3})\d+/, '$1');
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function asText(value: Literal | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function stringList(value: Literal | undefined): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

function tablespaceList(value: Literal | undefined): Tablespace[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((entry) => {
    if (!Array.isArray(entry)) return [];
    const [name, oid, location] = entry;
    return [{ name: String(name), oid: Number(oid), location: String(location) }];
  });
}
