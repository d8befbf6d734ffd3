/** An identifier for SQL, always between double quotes. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new Error('an identifier must not hold a NUL character');
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string literal for SQL that means the same whatever standard_conforming_strings is. */
export function quoteLiteral(value: string): string {
  if (value.includes('\0')) throw new Error('a text must not hold a NUL character');
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
