// The words in which the custom resources are written down: plain readonly values with a `kind`. A node carries the
// static type of what it describes, so that one text gives both the TypeScript types and the CRDs.

declare const staticType: unique symbol;

/** The TypeScript type of the values that a node describes. It exists for the compiler only. */
export interface Typed<T> {
  readonly [staticType]?: T;
}
export type Static<N> = N extends Typed<infer T> ? T : never;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A CEL rule: true means valid. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

interface Common {
  readonly description?: string;
  readonly default?: JsonValue;
  readonly rules?: readonly Rule[];
  readonly required?: true;
}
export interface StringNode extends Common {
  readonly kind: 'string';
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}
export interface IntegerNode extends Common {
  readonly kind: 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: 'int32' | 'int64';
}
export interface BooleanNode extends Common {
  readonly kind: 'boolean';
}
/** A number or a text: ports, percentages and, with a pattern, quantities. */
export interface IntOrStringNode extends Common {
  readonly kind: 'intOrString';
  readonly pattern?: string;
}
export interface ArrayNode extends Common {
  readonly kind: 'array';
  readonly items: SchemaNode;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
}
export interface MapNode extends Common {
  readonly kind: 'map';
  readonly values: SchemaNode;
  readonly mapType?: 'atomic' | 'granular';
}
export interface ObjectNode extends Common {
  readonly kind: 'object';
  readonly properties: Readonly<Record<string, SchemaNode>>;
  readonly mapType?: 'atomic' | 'granular';
  /** Name of the Kubernetes type that this is, such as `core/v1 Toleration`. */
  readonly reference?: string;
}
export type SchemaNode = StringNode | IntegerNode | BooleanNode | IntOrStringNode | ArrayNode | MapNode | ObjectNode;

type Flatten<T> = { [K in keyof T]: T[K] };
type Fields = Readonly<Record<string, SchemaNode>>;
/** The static type of an object with these properties. */
export type StaticFields<F extends Fields> = Flatten<
  { -readonly [K in keyof F as F[K] extends { required: true } ? K : never]: Static<F[K]> } & {
    -readonly [K in keyof F as F[K] extends { required: true } ? never : K]?: Static<F[K]>;
  }
>;

type Options<N> = Omit<Partial<N>, 'kind' | 'description' | 'required'>;

/** A text; with `enum`, one of the given ones. */
export function string<const E extends string = string>(
  description?: string,
  options?: Options<StringNode> & { readonly enum?: readonly E[] },
): StringNode & Typed<E> {
  return { kind: 'string', ...described(description), ...options };
}

export function integer(description?: string, options?: Options<IntegerNode>): IntegerNode & Typed<number> {
  return { kind: 'integer', ...described(description), ...options };
}

export function boolean(description?: string, options?: Options<BooleanNode>): BooleanNode & Typed<boolean> {
  return { kind: 'boolean', ...described(description), ...options };
}

export function intOrString(
  description?: string,
  options?: Options<IntOrStringNode>,
): IntOrStringNode & Typed<number | string> {
  return { kind: 'intOrString', ...described(description), ...options };
}

export function array<N extends SchemaNode>(
  items: N,
  description?: string,
  options?: Options<Omit<ArrayNode, 'items'>>,
): ArrayNode & Typed<Static<N>[]> {
  return { kind: 'array', items, ...described(description), ...options };
}

export function map<N extends SchemaNode>(
  values: N,
  description?: string,
  options?: Options<Omit<MapNode, 'values'>>,
): MapNode & Typed<Record<string, Static<N>>> {
  return { kind: 'map', values, ...described(description), ...options };
}

export function object<F extends Fields>(
  description: string | undefined,
  properties: F,
  options?: Options<Omit<ObjectNode, 'properties'>>,
): ObjectNode & Typed<StaticFields<F>> {
  return { kind: 'object', properties, ...described(description), ...options };
}

/** The same node, as a property that must be there. */
export function required<N extends SchemaNode>(node: N): N & { readonly required: true } {
  return { ...node, required: true };
}

/** The same node under another description (and options): for shapes that occur at several places. */
export function as<N extends SchemaNode>(node: N, description: string, options?: Omit<Common, 'required'>): N {
  return { ...node, description, ...options };
}

function described(description: string | undefined): { description: string } | Record<never, never> {
  return description === undefined ? {} : { description };
}
