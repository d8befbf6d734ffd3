import type {
  DatabaseExtension,
  DatabaseOption,
  DatabasePartStatus,
  DatabaseSchema,
  DatabaseSpec,
  DatabaseUsage,
  ForeignDataWrapper,
  ForeignServer,
} from '@matriarch/api';
import { quoteIdentifier, quoteLiteral } from '@matriarch/postgres';
import type { Connection } from '../database.ts';
import { errorText } from '../logger.ts';

export interface PartsStatus {
  readonly schemas?: DatabasePartStatus[];
  readonly extensions?: DatabasePartStatus[];
  readonly fdws?: DatabasePartStatus[];
  readonly servers?: DatabasePartStatus[];
}

/** Brings what is inside a database to its description, in this order: each may need the ones before it. */
export async function applyParts(connection: Connection, spec: DatabaseSpec): Promise<PartsStatus> {
  // What names no schema goes where it would for a user, and not into pg_catalog, which our sessions look at first.
  await connection.query('SET search_path TO "$user", public');
  const status: Record<string, DatabasePartStatus[]> = {};
  const kinds: readonly (readonly [keyof PartsStatus, readonly { name: string }[], (name: string) => Promise<void>])[] =
    [
      ['schemas', spec.schemas ?? [], each(spec.schemas, (part) => applySchema(connection, part))],
      ['extensions', spec.extensions ?? [], each(spec.extensions, (part) => applyExtension(connection, part))],
      ['fdws', spec.fdws ?? [], each(spec.fdws, (part) => applyWrapper(connection, part))],
      ['servers', spec.servers ?? [], each(spec.servers, (part) => applyServer(connection, part))],
    ];
  for (const [field, parts, apply] of kinds) {
    if (parts.length === 0) continue;
    const results: DatabasePartStatus[] = [];
    for (const { name } of parts) results.push(await applyPart(name, apply));
    status[field] = results;
  }
  return status;
}

function each<T extends { name: string }>(parts: readonly T[] | undefined, apply: (part: T) => Promise<void>) {
  return async (name: string): Promise<void> => {
    const part = parts?.find((entry) => entry.name === name);
    if (part !== undefined) await apply(part);
  };
}

async function applyPart(name: string, apply: (name: string) => Promise<void>): Promise<DatabasePartStatus> {
  try {
    await apply(name);
    return { name, applied: true };
  } catch (error) {
    return { name, applied: false, message: errorText(error) };
  }
}

async function applySchema(connection: Connection, part: DatabaseSchema): Promise<void> {
  const name = quoteIdentifier(part.name);
  const [row] = await connection.query<{ owner: string }>(
    'SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1',
    [part.name],
  );
  if (part.ensure === 'absent') {
    if (row !== undefined) await connection.query(`DROP SCHEMA ${name}`);
  } else if (row === undefined) {
    const owner = part.owner ? ` AUTHORIZATION ${quoteIdentifier(part.owner)}` : '';
    await connection.query(`CREATE SCHEMA ${name}${owner}`);
  } else if (part.owner && part.owner !== row.owner) {
    await connection.query(`ALTER SCHEMA ${name} OWNER TO ${quoteIdentifier(part.owner)}`);
  }
}

async function applyExtension(connection: Connection, part: DatabaseExtension): Promise<void> {
  const name = quoteIdentifier(part.name);
  const [row] = await connection.query<{ version: string; schema: string }>(
    'SELECT extversion AS version, extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = $1',
    [part.name],
  );
  if (part.ensure === 'absent') {
    if (row !== undefined) await connection.query(`DROP EXTENSION ${name}`);
    return;
  }
  if (row === undefined) {
    const version = part.version ? ` VERSION ${quoteLiteral(part.version)}` : '';
    const schema = part.schema ? ` SCHEMA ${quoteIdentifier(part.schema)}` : '';
    await connection.query(`CREATE EXTENSION ${name}${schema}${version}`);
    return;
  }
  if (part.version && part.version !== row.version) {
    await connection.query(`ALTER EXTENSION ${name} UPDATE TO ${quoteLiteral(part.version)}`);
  }
  if (part.schema && part.schema !== row.schema) {
    await connection.query(`ALTER EXTENSION ${name} SET SCHEMA ${quoteIdentifier(part.schema)}`);
  }
}

async function applyWrapper(connection: Connection, part: ForeignDataWrapper): Promise<void> {
  const name = quoteIdentifier(part.name);
  const [row] = await connection.query<{ owner: string; options: string[] | null }>(
    'SELECT pg_get_userbyid(fdwowner) AS owner, fdwoptions AS options FROM pg_foreign_data_wrapper WHERE fdwname = $1',
    [part.name],
  );
  if (part.ensure === 'absent') {
    if (row !== undefined) await connection.query(`DROP FOREIGN DATA WRAPPER ${name}`);
    return;
  }
  const functions = [functionClause('HANDLER', part.handler), functionClause('VALIDATOR', part.validator)].join('');
  if (row === undefined) await connection.query(`CREATE FOREIGN DATA WRAPPER ${name}${functions}`);
  else if (functions !== '') await connection.query(`ALTER FOREIGN DATA WRAPPER ${name}${functions}`);
  await applyOptions(connection, `FOREIGN DATA WRAPPER ${name}`, part.options, row?.options ?? []);
  if (part.owner && part.owner !== row?.owner) {
    await connection.query(`ALTER FOREIGN DATA WRAPPER ${name} OWNER TO ${quoteIdentifier(part.owner)}`);
  }
  await applyUsage(connection, `FOREIGN DATA WRAPPER ${name}`, part.usage);
}

/** `-` means: without such a function. */
function functionClause(word: string, value: string | undefined): string {
  if (value === undefined || value === '') return '';
  return value === '-' ? ` NO ${word}` : ` ${word} ${value.split('.').map(quoteIdentifier).join('.')}`;
}

async function applyServer(connection: Connection, part: ForeignServer): Promise<void> {
  const name = quoteIdentifier(part.name);
  const [row] = await connection.query<{ options: string[] | null }>(
    'SELECT srvoptions AS options FROM pg_foreign_server WHERE srvname = $1',
    [part.name],
  );
  if (part.ensure === 'absent') {
    if (row !== undefined) await connection.query(`DROP SERVER ${name}`);
    return;
  }
  if (row === undefined) {
    await connection.query(`CREATE SERVER ${name} FOREIGN DATA WRAPPER ${quoteIdentifier(part.fdw)}`);
  }
  await applyOptions(connection, `SERVER ${name}`, part.options, row?.options ?? []);
  await applyUsage(connection, `FOREIGN SERVER ${name}`, part.usage);
}

/** The catalogue keeps options as `name=value`. */
async function applyOptions(
  connection: Connection,
  target: string,
  wanted: readonly DatabaseOption[] | undefined,
  current: readonly string[],
): Promise<void> {
  const present = new Map(current.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
  const changes = (wanted ?? []).flatMap((option) => {
    const name = quoteIdentifier(option.name);
    const old = present.get(option.name);
    if (option.ensure === 'absent') return old === undefined ? [] : [`DROP ${name}`];
    if (old === undefined) return [`ADD ${name} ${quoteLiteral(option.value)}`];
    return old === option.value ? [] : [`SET ${name} ${quoteLiteral(option.value)}`];
  });
  if (changes.length > 0) await connection.query(`ALTER ${target} OPTIONS (${changes.join(', ')})`);
}

async function applyUsage(
  connection: Connection,
  target: string,
  usages: readonly DatabaseUsage[] | undefined,
): Promise<void> {
  for (const usage of usages ?? []) {
    const role = quoteIdentifier(usage.name);
    const revoke = usage.type === 'revoke';
    await connection.query(revoke ? `REVOKE USAGE ON ${target} FROM ${role}` : `GRANT USAGE ON ${target} TO ${role}`);
  }
}
