/** Regular expressions of schemas: RE2 syntax, linear time, each compiled once and kept while it is used. */

import { RE2JS } from 're2js';

const LIMIT = 2000;
const compiled = new Map<string, RE2JS>();

export function matches(pattern: string, text: string): boolean {
  return compile(pattern).matcher(text).find();
}

/** Throws what is wrong with the pattern. */
export function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (compiled.size >= LIMIT) compiled.clear();
  const made = RE2JS.compile(pattern);
  compiled.set(pattern, made);
  return made;
}

/** Why a pattern is none; undefined when it is fine. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
