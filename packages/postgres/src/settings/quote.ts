/** A value as postgresql.conf takes it: between single quotes, quotes doubled, backslashes and line ends escaped. */
export function quoteSetting(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `'${escaped}'`;
}

/** `name = 'value'` lines in the order of the names; empty for no settings. */
export function renderSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} = ${quoteSetting(value)}\n`)
    .join('');
}
