/** Finds in a rule what can be known to be wrong from the schema alone: operators on wrong types, unknown names. */

import type { ParsedExpression } from './expression.ts';
import { BOOL, comparable, DYN, fieldType, INT, STRING, type Type, typeText } from './types.ts';

type Expr = NonNullable<ParsedExpression['expr']>;
type Kind<C extends string> = Extract<Expr['exprKind'], { case: C }>['value'];
type Scope = ReadonlyMap<string, Type>;

/** Something wrong at an offset of the rule. */
export class RuleError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The type of the whole expression; throws RuleError. */
export function check(parsed: ParsedExpression, variables: { [name: string]: Type }): Type {
  const positions = parsed.sourceInfo?.positions ?? {};
  const at = (expr: Expr): number => positions[String(expr.id)] ?? 0;
  return typeOf(parsed.expr, new Map(Object.entries(variables)), at);
}

type At = (expr: Expr) => number;

function typeOf(expr: Expr, scope: Scope, at: At): Type {
  const { exprKind } = expr;
  switch (exprKind.case) {
    case 'constExpr':
      return constantType(exprKind.value);
    case 'identExpr':
      return identType(exprKind.value.name, scope, at(expr));
    case 'selectExpr':
      return selectType(exprKind.value, scope, at, expr);
    case 'listExpr':
      return listType(exprKind.value, scope, at);
    case 'structExpr':
      return { kind: 'map', key: DYN, value: DYN };
    case 'comprehensionExpr':
      return comprehensionType(exprKind.value, scope, at);
    case 'callExpr':
      return callType(exprKind.value, scope, at, expr);
    default:
      return DYN;
  }
}

const CONSTANTS: { readonly [kind: string]: Type } = {
  int64Value: INT,
  uint64Value: { kind: 'uint' },
  doubleValue: { kind: 'double' },
  stringValue: STRING,
  boolValue: BOOL,
  bytesValue: { kind: 'bytes' },
  nullValue: { kind: 'null_type' },
};

function constantType(constant: Kind<'constExpr'>): Type {
  return CONSTANTS[constant.constantKind.case ?? ''] ?? DYN;
}

const TYPE_NAMES = new Set(['int', 'uint', 'double', 'string', 'bool', 'bytes', 'list', 'map', 'null_type', 'type']);

function identType(name: string, scope: Scope, offset: number): Type {
  const type = scope.get(name);
  if (type !== undefined) return type;
  if (TYPE_NAMES.has(name)) return { kind: 'type' };
  throw new RuleError(`undeclared reference to '${name}' (in container '')`, offset);
}

function selectType(select: Kind<'selectExpr'>, scope: Scope, at: At, expr: Expr): Type {
  if (select.operand === undefined) return DYN;
  const operand = typeOf(select.operand, scope, at);
  let type: Type | undefined = DYN;
  if (operand.kind === 'object') type = fieldType(operand, select.field);
  else if (operand.kind === 'map') type = operand.value;
  else if (operand.kind !== 'dyn') {
    throw new RuleError(`type '${typeText(operand)}' does not support field selection`, at(expr));
  }
  if (type === undefined) throw new RuleError(`undefined field '${select.field}'`, at(expr));
  return select.testOnly ? BOOL : type;
}

function listType(list: Kind<'listExpr'>, scope: Scope, at: At): Type {
  const [first, ...others] = list.elements.map((element) => typeOf(element, scope, at));
  const uniform = first !== undefined && others.every((type) => type.kind === first.kind);
  return { kind: 'list', element: uniform ? first : DYN };
}

function comprehensionType(value: Kind<'comprehensionExpr'>, scope: Scope, at: At): Type {
  const { iterRange, accuInit, loopCondition, loopStep, result } = value;
  if (iterRange === undefined || accuInit === undefined) return DYN;
  const range = typeOf(iterRange, scope, at);
  if (!['list', 'map', 'dyn'].includes(range.kind)) {
    throw new RuleError(
      `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      at(iterRange),
    );
  }
  const item = range.kind === 'list' ? range.element : range.kind === 'map' ? range.key : DYN;
  const inner = new Map(scope).set(value.iterVar, item).set(value.accuVar, typeOf(accuInit, scope, at));
  if (loopCondition !== undefined) typeOf(loopCondition, inner, at);
  if (loopStep !== undefined) inner.set(value.accuVar, typeOf(loopStep, inner, at));
  return result === undefined ? DYN : typeOf(result, inner, at);
}

const ORDER = new Set(['_<_', '_<=_', '_>_', '_>=_']);
const LOGIC = new Set(['_&&_', '_||_', '!_']);
const ARITHMETIC = new Set(['_+_', '_-_', '_*_', '_/_', '_%_']);

function callType(call: Kind<'callExpr'>, scope: Scope, at: At, expr: Expr): Type {
  const args = call.args.map((arg) => typeOf(arg, scope, at));
  if (call.target !== undefined) typeOf(call.target, scope, at);
  const name = call.function;
  const [a = DYN, b = DYN, c = DYN] = args;
  const refuse = (): never => {
    const types = args.map(typeText).join(', ');
    throw new RuleError(`found no matching overload for '${name}' applied to '(${types})'`, at(expr));
  };
  if (name === '_==_' || name === '_!=_') return comparable(a, b) ? BOOL : refuse();
  if (ORDER.has(name)) return comparable(a, b) && ordered(a) && ordered(b) ? BOOL : refuse();
  if (LOGIC.has(name)) return args.every((type) => type.kind === 'bool' || type.kind === 'dyn') ? BOOL : refuse();
  if (ARITHMETIC.has(name)) return arithmetic(name, a, b) ?? refuse();
  if (name === '_?_:_') {
    if (a.kind !== 'bool' && a.kind !== 'dyn') return refuse();
    return b.kind === c.kind ? b : DYN;
  }
  if (name === '_[_]') return a.kind === 'list' ? a.element : a.kind === 'map' ? a.value : DYN;
  if (name === '-_') return a;
  if (name === '@in') return BOOL;
  return RESULTS[name] ?? DYN;
}

function ordered(type: Type): boolean {
  return !['list', 'map', 'object', 'null_type', 'type'].includes(type.kind);
}

function arithmetic(name: string, a: Type, b: Type): Type | undefined {
  if (a.kind === 'dyn' || b.kind === 'dyn') return DYN;
  const times = [a.kind, b.kind].filter((kind) => kind === 'timestamp' || kind === 'duration').length;
  if (times === 2 && (name === '_+_' || name === '_-_')) {
    const both = a.kind === b.kind;
    return {
      kind: both || name === '_-_' ? (a.kind === 'timestamp' && !both ? 'timestamp' : 'duration') : 'timestamp',
    };
  }
  if (a.kind !== b.kind) return undefined;
  if (name === '_+_' && ['string', 'bytes', 'list'].includes(a.kind)) return a;
  return ['int', 'uint', 'double'].includes(a.kind) ? a : undefined;
}

const strings: Type = { kind: 'list', element: STRING };

/** What functions give whose result matters for the check; all others are taken as dynamic. */
const RESULTS: { readonly [name: string]: Type } = {
  size: INT,
  int: INT,
  indexOf: INT,
  lastIndexOf: INT,
  compareTo: INT,
  family: INT,
  string: STRING,
  lowerAscii: STRING,
  upperAscii: STRING,
  trim: STRING,
  replace: STRING,
  substring: STRING,
  charAt: STRING,
  join: STRING,
  find: STRING,
  split: strings,
  findAll: strings,
  double: { kind: 'double' },
  duration: { kind: 'duration' },
  timestamp: { kind: 'timestamp' },
  type: { kind: 'type' },
  ...Object.fromEntries(
    'matches contains startsWith endsWith isSorted isURL isIP isCIDR isQuantity isGreaterThan isLessThan'
      .split(' ')
      .map((name) => [name, BOOL]),
  ),
};
