// The form of a line of pg_hba (PostgreSQL manual, "The pg_hba.conf File"). PostgreSQL keeps its old rules when one line
// of the new file cannot be read, so a wrong line would take effect never, and be told in the server's log only.

import { isIP } from 'node:net';

const addressed = ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'];
const includes = ['include', 'include_if_exists', 'include_dir'];
const methods = [
  'trust',
  'reject',
  'scram-sha-256',
  'md5',
  'password',
  'gss',
  'sspi',
  'ident',
  'peer',
  'ldap',
  'radius',
  'cert',
  'pam',
  'bsd',
  'oauth',
];

/** What is wrong with a line, and what to do; undefined for one that PostgreSQL can read. */
export function hbaLineProblem(line: string): string | undefined {
  const fields = fieldsOf(line);
  if (fields === undefined) return 'close the quotation mark';
  const [type, ...rest] = fields;
  if (type === undefined || includes.includes(type)) return undefined;
  if (type !== 'local' && !addressed.includes(type)) {
    return `begin the line with local, ${addressed.join(', ')}; "${type}" is no type of connection`;
  }
  const method = rest[type === 'local' ? 2 : methodIndex(rest)];
  if (method === undefined) {
    const form = type === 'local' ? 'local DATABASE USER METHOD' : `${type} DATABASE USER ADDRESS METHOD`;
    return `write all fields: ${form}`;
  }
  if (!methods.includes(method)) return `use one of the methods ${methods.join(', ')}; "${method}" is none`;
  return type === 'local' ? undefined : addressProblem(rest);
}

/** Names of hosts are not looked at: they are resolved when somebody connects. */
function addressProblem(rest: readonly string[]): string | undefined {
  const [, , address = '', mask = ''] = rest;
  const [network = '', bits] = address.split('/');
  if (bits === undefined) {
    if (!looksNumeric(address)) return undefined;
    if (isIP(address) === 0) return `"${address}" is no IP address`;
    if (methodIndex(rest) === 3) return `write ${address}/${longest(address)} for this one address`;
    return isIP(mask) === isIP(address) ? undefined : `"${mask}" is no mask for ${address}`;
  }
  if (isIP(network) === 0) return `write an IP address before the slash; "${network}" is none`;
  const isLength = /^\d{1,3}$/.test(bits) && Number(bits) <= longest(network);
  return isLength ? undefined : `write a length from 0 to ${longest(network)} after ${network}/; "${bits}" is none`;
}

const longest = (address: string) => (isIP(address) === 4 ? 32 : 128);

/** A network may be one field, or an address and a mask of its own. */
function methodIndex([, , address = '', mask = '']: readonly string[]): number {
  return looksNumeric(address) && looksNumeric(mask) ? 4 : 3;
}

const looksNumeric = (text: string) => /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/i.test(text);

/** Fields of a line without its comment; undefined when a quotation mark is open. Blanks around commas do not part. */
function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = [];
  let rest = line.replaceAll(/\s*,\s*/g, ',').trimStart();
  while (rest !== '' && !rest.startsWith('#')) {
    const field = /^(?:"(?:[^"]|"")*"|[^\s"#])+/.exec(rest)?.[0];
    if (field === undefined) return undefined;
    fields.push(field);
    rest = rest.slice(field.length).trimStart();
  }
  return fields;
}
