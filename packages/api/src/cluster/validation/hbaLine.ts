// The form of a line of pg_hba (PostgreSQL manual, "The pg_hba.conf File"). PostgreSQL keeps its old rules when one line
// of the new file cannot be read, so a wrong line would take effect never, and be told in the server's log only.

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
  return methods.includes(method) ? undefined : `use one of the methods ${methods.join(', ')}; "${method}" is none`;
}

/** A network may be one field, or an address and a mask of its own. */
function methodIndex([, , address = '', mask = '']: readonly string[]): number {
  const isAddress = /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/i.test(address);
  const isMask = /^[\d.]+$|^[\da-f:]*:[\da-f:]*$/i.test(mask);
  return isAddress && isMask ? 4 : 3;
}

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
