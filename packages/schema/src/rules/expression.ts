/** Expressions of rules, parsed and planned when they are first needed. */

import { type CelInput, type CelResult, celEnv, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { compile } from '../patterns.ts';
import { FUNCTIONS } from './functions.ts';

export type ParsedExpression = ReturnType<typeof parse>;

const environment = celEnv({
  funcs: [...strings, ...FUNCTIONS],
  re2: { compile: (pattern) => ({ test: (text) => compile(pattern).matcher(text).find() }) },
});

export type Evaluate = (variables: { self: CelInput; oldSelf?: CelInput }) => CelResult;

const planned = new Map<string, Evaluate>();
const LIMIT = 2000;

/** The same text gives the same plan, however many schemas have it. Throws when it does not parse. */
export function evaluator(text: string): Evaluate {
  const known = planned.get(text);
  if (known !== undefined) return known;
  if (planned.size >= LIMIT) planned.clear();
  const made = plan(environment, parse(text)) as Evaluate;
  planned.set(text, made);
  return made;
}

const WORD = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w.]+/g;

/** Whether a rule compares with the former value: it is then checked on updates only. */
export function isTransition(text: string): boolean {
  return text.match(WORD)?.some((word) => /^oldSelf(\.|$)/.test(word)) ?? false;
}
