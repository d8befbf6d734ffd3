/** Strings of a recording: variables to put in, placeholders that stand for what differs between runs. */

import type { Variables } from './variables.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]';
const RFC3339 = '\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z| ?[+-]\\d\\d:?\\d\\d)';
const RFC1123 = '[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d (?:[A-Z]+|[+-]\\d{4})';

const PATTERNS: { readonly [name: string]: string } = {
  uid: UUID,
  rv: '\\d+',
  time: `(?<time>${RFC3339}|${RFC1123})`,
  age: '(?:\\d+(?:\\.\\d+)?(?:y|d|h|m|s|ms))+',
  ip: '10\\.96\\.\\d{1,3}\\.\\d{1,3}',
  nodePort: '3[0-2]\\d{3}',
  hash: `(?<hash>${SUFFIX}{1,10})`,
  // Empty at the end of a list of custom resources.
  continue: '[A-Za-z0-9_-]*',
  token: '[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+',
  ca: '-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\n?',
  diff: '[\\s\\S]*',
  pointer: '0x[0-9a-f]+',
  any: '[\\s\\S]+',
  n: '\\d+',
};

const TOKEN = /\$\{[A-Za-z0-9_]+\}|<name:((?:[^<>]|<hash>)*)>|<([A-Za-z]+)>/g;
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** What binds across one answer: the template hash is the same everywhere in an object. */
export interface Binding {
  hash?: string;
}

interface Source {
  text: string;
  names: number;
}

/** Named groups must be unique within one expression. */
function once(source: Source, pattern: string): string {
  source.names += 1;
  return pattern.replace(/\?<(time|hash)>/, (_all, name: string) => `?<${name}${source.names}>`);
}

function pattern(expected: string, variables: Variables, binding: Binding): RegExp {
  const source: Source = { text: '', names: 0 };
  let last = 0;
  for (const match of expected.matchAll(TOKEN)) {
    source.text += escaped(expected.slice(last, match.index));
    last = match.index + match[0].length;
    source.text += token(match, source, variables, binding);
  }
  source.text += escaped(expected.slice(last));
  return new RegExp(`^${source.text}$`);
}

function token(match: RegExpMatchArray, source: Source, variables: Variables, binding: Binding): string {
  const [whole, prefix, name] = match;
  if (whole.startsWith('${')) return escaped(variables.get(whole.slice(2, -1)) ?? whole);
  if (prefix !== undefined) {
    const parts = prefix.split('<hash>').map(escaped);
    return `${parts.join(hashPattern(source, binding))}${SUFFIX}{5}`;
  }
  if (name === 'hash') return hashPattern(source, binding);
  const known = name === undefined ? undefined : PATTERNS[name];
  return known === undefined ? escaped(whole) : once(source, known);
}

function hashPattern(source: Source, binding: Binding): string {
  return binding.hash === undefined ? once(source, PATTERNS.hash ?? '') : escaped(binding.hash);
}

const MINUTE_MS = 60_000;

/** Whether `actual` is what `expected` describes; binds the hash when it is. */
export function stringMatches(expected: string, actual: string, variables: Variables, binding: Binding): boolean {
  if (expected === actual) return true;
  if (!/[<$]/.test(expected)) return false;
  const found = pattern(expected, variables, binding).exec(actual);
  if (found === null) return false;
  for (const [name, value] of Object.entries(found.groups ?? {})) {
    if (name.startsWith('time') && Math.abs(Date.parse(value.replace(/(\.\d{3})\d+/, '$1')) - Date.now()) > MINUTE_MS)
      return false;
    if (name.startsWith('hash')) binding.hash ??= value;
  }
  return true;
}
