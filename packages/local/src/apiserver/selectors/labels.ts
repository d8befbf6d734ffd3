/** Label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k,n>1`. */

import { badRequest } from '../registry/errors.ts';

export type Labels = { readonly [key: string]: string };

export type Operator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

export interface Requirement {
  key: string;
  operator: Operator;
  values: readonly string[];
}

export type LabelSelector = readonly Requirement[];

const PUNCTUATION = ['!=', '==', '=', '!', '(', ')', ',', '>', '<'];
const OPERATORS = new Set(['=', '==', '!=', 'in', 'notin', '>', '<']);

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const mark = PUNCTUATION.find((candidate) => rest.startsWith(candidate));
    const token = mark ?? (/^[^!=(),<>\s]+/.exec(rest) as RegExpExecArray)[0];
    tokens.push(token);
    rest = rest.slice(token.length).trimStart();
  }
  return tokens;
}

interface Cursor {
  peek(): string | undefined;
  next(): string | undefined;
}

const isWord = (token: string | undefined): token is string => token !== undefined && !PUNCTUATION.includes(token);

/** Throws ApiError 400 with the place where the text stops making sense. */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokenize(text);
  let position = 0;
  const cursor: Cursor = { peek: () => tokens[position], next: () => tokens[position++] };
  const requirements: Requirement[] = [];
  if (tokens.length === 0) return requirements;
  for (;;) {
    const token = cursor.peek();
    if (!isWord(token) && token !== '!') {
      throw badRequest(`found '${token ?? ''}', expected: !, identifier, or 'end of string'`);
    }
    requirements.push(parseRequirement(cursor));
    const after = cursor.next();
    if (after === undefined) return requirements;
    if (after !== ',') throw badRequest(`found '${after}', expected: ',' or 'end of string'`);
    const following = cursor.peek();
    if (!isWord(following) && following !== '!') {
      throw badRequest(`found '${following ?? ''}', expected: identifier after ','`);
    }
  }
}

function parseRequirement(cursor: Cursor): Requirement {
  if (cursor.peek() === '!') {
    cursor.next();
    return { key: word(cursor), operator: '!', values: [] };
  }
  const key = word(cursor);
  const token = cursor.peek();
  if (token === undefined || token === ',') return { key, operator: 'exists', values: [] };
  if (!OPERATORS.has(token)) {
    throw badRequest(`unable to parse requirement: found '${token}', expected: in, notin, =, ==, !=, gt, lt`);
  }
  cursor.next();
  if (token === 'in' || token === 'notin') return { key, operator: token, values: wordList(cursor) };
  const operator = token === '==' ? '=' : (token as Operator);
  return { key, operator, values: [singleValue(cursor)] };
}

function word(cursor: Cursor): string {
  const token = cursor.next();
  if (!isWord(token)) throw badRequest(`unable to parse requirement: found '${token ?? ''}', expected: identifier`);
  return token;
}

/** `a=` and `a=,b`: the empty value. */
function singleValue(cursor: Cursor): string {
  const token = cursor.peek();
  if (token === undefined || token === ',') return '';
  return word(cursor);
}

function wordList(cursor: Cursor): string[] {
  const open = cursor.next();
  if (open !== '(') throw badRequest(`unable to parse requirement: found '${open ?? ''}' expected: '('`);
  const values: string[] = [];
  let expectWord = true;
  for (;;) {
    const token = cursor.next();
    if (token === ')') {
      if (expectWord) values.push('');
      return values;
    }
    if (token === ',') {
      if (expectWord) values.push('');
      expectWord = true;
    } else if (isWord(token) && expectWord) {
      values.push(token);
      expectWord = false;
    } else {
      throw badRequest(`unable to parse requirement: found '${token ?? ''}', expected: ',' or ')'`);
    }
  }
}

export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return selector.every((requirement) => matchesRequirement(requirement, labels ?? {}));
}

function matchesRequirement({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    default: {
      const [left, right] = [Number(value), Number(values[0])];
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      return operator === '>' ? left > right : left < right;
    }
  }
}

/** The text of `spec.selector` as a LabelSelector object has it. */
export function selectorFromObject(object: {
  matchLabels?: Labels;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}): LabelSelector {
  const equal = Object.entries(object.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=' as const,
    values: [value],
  }));
  const expressions = (object.matchExpressions ?? []).map(({ key, operator, values }) => ({
    key,
    operator: EXPRESSION_OPERATORS[operator] ?? ('exists' as const),
    values: values ?? [],
  }));
  return [...equal, ...expressions];
}

const EXPRESSION_OPERATORS: { readonly [name: string]: Operator } = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};
