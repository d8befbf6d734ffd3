import { quoteIdentifier, quoteLiteral } from '@matriarch/postgres';

/** `"a" = 'x', "b" = 'y'` in the order of the names, for WITH and SET. */
export function parameterList(parameters: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(parameters ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${quoteIdentifier(name)} = ${quoteLiteral(value).trim()}`)
    .join(', ');
}
