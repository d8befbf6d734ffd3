/** Why a rule of a schema is refused. */

import { parse } from '@bufbuild/cel';
import type { JsonSchema, ValidationRule } from '../types.ts';
import { check, RuleError } from './check.ts';
import { isTransition, type ParsedExpression } from './expression.ts';
import { type Type, typeOfSchema } from './types.ts';

/** What follows `Invalid value: <rule>: `; undefined when the rule is fine. */
export function ruleProblem(rule: ValidationRule, schema: JsonSchema, isRoot: boolean): string | undefined {
  let parsed: ParsedExpression;
  try {
    parsed = parse(rule.rule);
  } catch (error) {
    return `compilation failed: ${syntaxError(rule.rule, error)}`;
  }
  const self = typeOfSchema(schema, isRoot);
  const variables: { [name: string]: Type } = isTransition(rule.rule) ? { self, oldSelf: self } : { self };
  try {
    const type = check(parsed, variables);
    return type.kind === 'bool' || type.kind === 'dyn' ? undefined : 'cel expression must evaluate to a bool';
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return `compilation failed: ${located(rule.rule, error.message, error.offset)}`;
  }
}

const EXPECTED =
  "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const UNFINISHED = /(?:[-+*/%<>=!&|?:,.([{]|\bin)\s*$/;

function syntaxError(text: string, error: unknown): string {
  if (UNFINISHED.test(text)) return located(text, `Syntax error: mismatched input '<EOF>' ${EXPECTED}`, text.length);
  const message = error instanceof Error ? error.message : String(error);
  const place = /^<input>:(\d+):(\d+): (.*)$/s.exec(message);
  return located(text, `Syntax error: ${place?.[3] ?? message}`, Number(place?.[2] ?? 1) - 1);
}

/** The message with the line it is about and a pointer under it. */
function located(text: string, message: string, offset: number): string {
  const start = offset + (/^\s*/.exec(text.slice(offset))?.[0].length ?? 0);
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const line = text.slice(lineStart).split('\n')[0] ?? '';
  const row = text.slice(0, lineStart).split('\n').length;
  const column = start - lineStart;
  return `ERROR: <input>:${row}:${column + 1}: ${message}\n | ${line}\n | ${'.'.repeat(column)}^`;
}
