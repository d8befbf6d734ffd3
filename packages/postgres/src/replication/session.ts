import type { Connection } from '../protocol/connect.ts';
import { ServerError } from '../protocol/errors.ts';
import { encodeQuery, type Message, parseDataRow, parseFields, parseRowDescription } from '../protocol/messages.ts';
import { type Lsn, parseLsn } from '../wal/lsn.ts';
import { parseHistory, type TimelineSwitch } from '../wal/timeline.ts';

export type Row = Readonly<Record<string, string | null>>;

/** The next message that is not a notice or a parameter report. @throws ServerError for an error of the server. */
export async function nextMessage(connection: Connection): Promise<Message> {
  for (;;) {
    const message = await connection.wire.next();
    if (message === undefined) throw new Error('the server closed the replication connection');
    if (message.type === 'E') {
      throw new ServerError(parseFields(message.body));
    }
    if (message.type !== 'N' && message.type !== 'S') return message;
  }
}

/** Sends a command; its answers are read with `nextMessage` or `readRows`. */
export function sendCommand(connection: Connection, command: string): void {
  connection.wire.write(encodeQuery(command));
}

/** Reads one result set, from its description to its completion. */
export async function readRows(connection: Connection): Promise<Row[]> {
  const rows: Row[] = [];
  let columns: string[] = [];
  for (;;) {
    const { type, body } = await nextMessage(connection);
    if (type === 'T') columns = parseRowDescription(body);
    else if (type === 'D') {
      const values = parseDataRow(body);
      rows.push(Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null])));
    } else if (type === 'C') return rows;
    else throw new Error(`unexpected message "${type}" in the answer to a replication command`);
  }
}

/** Reads until the server is ready for the next command. */
export async function readUntilReady(connection: Connection): Promise<void> {
  while ((await nextMessage(connection)).type !== 'Z');
}

/** Runs a command or query that answers with one result set; after an error the session is ready again. */
export async function query(connection: Connection, command: string): Promise<Row[]> {
  sendCommand(connection, command);
  try {
    const rows = await readRows(connection);
    await readUntilReady(connection);
    return rows;
  } catch (error) {
    if (error instanceof ServerError) await readUntilReady(connection);
    throw error;
  }
}

export interface SystemIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly position: Lsn;
}

export async function identifySystem(connection: Connection): Promise<SystemIdentity> {
  const [row] = await query(connection, 'IDENTIFY_SYSTEM');
  return {
    systemIdentifier: row?.systemid ?? '',
    timeline: Number(row?.timeline),
    position: parseLsn(row?.xlogpos ?? ''),
  };
}

/** Ancestors of a timeline above 1. */
export async function timelineHistory(connection: Connection, timeline: number): Promise<readonly TimelineSwitch[]> {
  const [row] = await query(connection, `TIMELINE_HISTORY ${timeline}`);
  return parseHistory(row?.content ?? '');
}

/** A setting of the server, as SHOW prints it. */
export async function showSetting(connection: Connection, name: string): Promise<string> {
  const [row] = await query(connection, `SHOW ${name}`);
  return row?.[name] ?? '';
}

/**
 * Creates a slot that keeps all WAL from now on and goes away with the connection.
 * @throws ServerError where the server has no slot left.
 */
export async function createTemporarySlot(connection: Connection, name: string): Promise<void> {
  if (!/^[a-z0-9_]{1,63}$/.test(name)) throw new Error(`slot name "${name}": only a-z, 0-9 and _, at most 63`);
  await query(connection, `CREATE_REPLICATION_SLOT "${name}" TEMPORARY PHYSICAL RESERVE_WAL`);
}
