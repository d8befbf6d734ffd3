/** Messages of the PostgreSQL frontend/backend protocol 3.0, as far as a replication client needs them. */

export interface Message {
  readonly type: string;
  readonly body: Buffer;
}

const protocolVersion = 3 << 16;
const sslRequestCode = (1234 << 16) | 5679;

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function withLength(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(type.length + 4);
  head.write(type, 'latin1');
  head.writeUInt32BE(body.length + 4, type.length);
  return Buffer.concat([head, body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

export function encodeStartup(parameters: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [text(name), text(value)]);
  return withLength('', int32(protocolVersion), ...pairs, Buffer.alloc(1));
}

export const encodeSslRequest = (): Buffer => withLength('', int32(sslRequestCode));
export const encodeQuery = (sql: string): Buffer => withLength('Q', text(sql));
export const encodePassword = (password: string): Buffer => withLength('p', text(password));
export const encodeTerminate = (): Buffer => withLength('X');

export function encodeSaslInitial(mechanism: string, response: string): Buffer {
  const payload = Buffer.from(response);
  return withLength('p', text(mechanism), int32(payload.length), payload);
}

export const encodeSaslResponse = (response: string): Buffer => withLength('p', Buffer.from(response));

/** What the server says in an ErrorResponse or NoticeResponse. */
export interface ServerFields {
  readonly severity: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
}

export function parseFields(body: Buffer): ServerFields {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    const stop = end < 0 ? body.length : end;
    fields.set(String.fromCharCode(body[at] ?? 0), body.toString('utf8', at + 1, stop));
    at = stop + 1;
  }
  return {
    severity: fields.get('V') ?? fields.get('S') ?? '',
    code: fields.get('C') ?? '',
    message: fields.get('M') ?? '',
    detail: fields.get('D'),
    hint: fields.get('H'),
  };
}

/** Column names of a RowDescription. */
export function parseRowDescription(body: Buffer): string[] {
  const names: string[] = [];
  let at = 2;
  for (let left = body.readUInt16BE(0); left > 0; left -= 1) {
    const end = body.indexOf(0, at);
    names.push(body.toString('utf8', at, end));
    // Behind the name: table, column, type, size, modifier, format.
    at = end + 19;
  }
  return names;
}

/** Column values of a DataRow in text form; null for SQL NULL. */
export function parseDataRow(body: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let left = body.readUInt16BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) values.push(null);
    else {
      values.push(body.toString('utf8', at, at + length));
      at += length;
    }
  }
  return values;
}
