/** The part of JSONPath that printer columns and scale paths use: fields, indexes and filters on a field. */

import { isObject } from '../fields/json.ts';
import type { Json } from '../registry/types.ts';

type Step =
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: Step[]; equals: Json; negated: boolean };

const TOKEN =
  /\.((?:[\w$/-]|\\.)+)|\['([^']*)'\]|\["([^"]*)"\]|\[(-?\d+)\]|(\[\*\]|\.\*)|\[\?\(@((?:\.[\w-]+)+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^)\s]+))\s*\)\]/y;

/** undefined when the path is not one that is understood. */
export function parsePath(text: string): Step[] | undefined {
  const path = text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '');
  if (!path.startsWith('.') && !path.startsWith('[')) return undefined;
  const steps: Step[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < path.length) {
    const match = token.exec(path);
    if (match === null) return undefined;
    const step = stepOf(match);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return steps;
}

function stepOf(match: RegExpExecArray): Step | undefined {
  const [, field, single, double, index, all, filter, operator, text, quoted, bare] = match;
  const name = field?.replace(/\\(.)/g, '$1') ?? single ?? double;
  if (name !== undefined) return { kind: 'field', name };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (all !== undefined) return { kind: 'all' };
  const path = filter === undefined ? undefined : parsePath(filter);
  if (path === undefined) return undefined;
  return { kind: 'filter', path, equals: text ?? quoted ?? literal(bare ?? ''), negated: operator === '!=' };
}

function literal(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export function findAll(value: Json | undefined, steps: readonly Step[]): Json[] {
  const [step, ...rest] = steps;
  if (value === undefined || value === null) return [];
  if (step === undefined) return [value];
  return next(value, step).flatMap((item) => findAll(item, rest));
}

function next(value: Json, step: Step): Json[] {
  if (step.kind === 'field') {
    const member = isObject(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
    return member === undefined ? [] : [member];
  }
  if (step.kind === 'all') return isObject(value) ? Object.values(value) : Array.isArray(value) ? value : [];
  if (!Array.isArray(value)) return [];
  if (step.kind === 'index') {
    const item = value.at(step.index);
    return item === undefined ? [] : [item];
  }
  return value.filter((item) => findAll(item, step.path).some((found) => found === step.equals) !== step.negated);
}
