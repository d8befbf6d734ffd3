import { readFile } from 'node:fs/promises';
import type { ConnectionParameters } from '../conninfo.ts';

/** The password of a connection: `password`, or the first line of `passfile` that fits. */
export async function passwordFor(parameters: ConnectionParameters, database: string): Promise<string | undefined> {
  const { password, passfile } = parameters;
  if (password !== undefined && password !== '') return password;
  if (passfile === undefined || passfile === '') return undefined;
  const text = await readFile(passfile, 'utf8').catch((cause) => {
    throw new Error(`passfile=${passfile} cannot be read`, { cause });
  });
  return findPassword(text, parameters, database);
}

/**
 * Lines are `host:port:database:user:password`; `*` fits everything, a backslash protects a colon. Replication has the
 * database name `replication`.
 */
export function findPassword(text: string, parameters: ConnectionParameters, database: string): string | undefined {
  const host = parameters.host ?? '';
  const wanted = [
    host.startsWith('/') || host === '' ? 'localhost' : host,
    parameters.port ?? '5432',
    database,
    parameters.user ?? '',
  ];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const fields = splitLine(line.replace(/\r$/, ''));
    if (fields.length === 5 && wanted.every((value, index) => fields[index] === '*' || fields[index] === value)) {
      return fields[4];
    }
  }
  return undefined;
}

function splitLine(line: string): string[] {
  const fields = [''];
  for (let at = 0; at < line.length; at += 1) {
    const last = fields.length - 1;
    if (line[at] === ':' && fields.length < 5) fields.push('');
    else if (line[at] === '\\' && at + 1 < line.length) {
      at += 1;
      fields[last] += line[at] ?? '';
    } else fields[last] += line[at] ?? '';
  }
  return fields;
}
