import { splitFields } from './csv.ts';

/** Names of the csvlog columns, in order; 23 before PostgreSQL 13, 24 in 13, 26 from 14 on. */
const columns = [
  'log_time',
  'user_name',
  'database_name',
  'process_id',
  'connection_from',
  'session_id',
  'session_line_num',
  'command_tag',
  'session_start_time',
  'virtual_transaction_id',
  'transaction_id',
  'error_severity',
  'sql_state_code',
  'message',
  'detail',
  'hint',
  'internal_query',
  'internal_query_pos',
  'context',
  'query',
  'query_pos',
  'location',
  'application_name',
  'backend_type',
  'leader_pid',
  'query_id',
] as const;

const auditColumns = [
  'audit_type',
  'statement_id',
  'substatement_id',
  'class',
  'command',
  'object_type',
  'object_name',
  'statement',
  'parameter',
  'rows',
] as const;

export type LogRecord = Record<string, string | Record<string, string>>;

export interface LogEntry {
  readonly logger: 'postgres' | 'pgaudit';
  readonly record: LogRecord;
}

/** A csvlog record as it is logged; undefined when it has no known number of columns. */
export function toLogEntry(fields: readonly string[]): LogEntry | undefined {
  if (![23, 24, 26].includes(fields.length)) return undefined;
  const record: LogRecord = {};
  for (const [index, value] of fields.entries()) {
    const column = columns[index];
    if (column !== undefined && value !== '') record[column] = value;
  }
  const audit = typeof record.message === 'string' ? parseAudit(record.message) : undefined;
  if (audit === undefined) return { logger: 'postgres', record };
  delete record.message;
  record.audit = audit;
  return { logger: 'pgaudit', record };
}

/** The fields behind the tag `AUDIT: `, undefined for every other message. */
function parseAudit(message: string): Record<string, string> | undefined {
  const tag = 'AUDIT: ';
  if (!message.startsWith(tag)) return undefined;
  const fields = splitFields(message.slice(tag.length).trimEnd());
  if (fields.length !== 9 && fields.length !== 10) return undefined;
  return Object.fromEntries(
    fields.map((value, index) => [auditColumns[index] ?? '', value]).filter(([, v]) => v !== ''),
  );
}
