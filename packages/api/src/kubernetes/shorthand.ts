// Short words for the schemas of Kubernetes' own types. They carry no descriptions: those are Kubernetes' to give.
import {
  array,
  boolean,
  integer,
  intOrString,
  map,
  object,
  required,
  type SchemaNode,
  string,
} from '../schema/nodes.ts';
import { quantityPattern } from '../schema/quantityPattern.ts';

export const text = string();
export const flag = boolean();
export const int32 = integer(undefined, { format: 'int32' });
export const int64 = integer(undefined, { format: 'int64' });
/** A port by number or name, or a number or percentage. */
export const numberOrText = intOrString();
export const quantity = intOrString(undefined, { pattern: quantityPattern });
export const time = string(undefined, { format: 'date-time' });
export const textMap = map(text);
/** A map that is replaced as a whole. */
export const atomicTextMap = map(text, undefined, { mapType: 'atomic' });
export const quantityMap = map(quantity);
export const must = required;

/** A list that is replaced as a whole. */
export const list = <N extends SchemaNode>(items: N) => array(items, undefined, { listType: 'atomic' });
/** A list whose elements are told apart by these fields. */
export const keyed = <N extends SchemaNode>(items: N, ...keys: string[]) =>
  array(items, undefined, { listType: 'map', listMapKeys: keys });
/** A list of distinct values. */
export const set = <N extends SchemaNode>(items: N) => array(items, undefined, { listType: 'set' });
export const texts = list(text);

export const struct = (properties: Readonly<Record<string, SchemaNode>>) => object(undefined, properties);
/** An object that is replaced as a whole. */
export const atomicStruct = (properties: Readonly<Record<string, SchemaNode>>) =>
  object(undefined, properties, { mapType: 'atomic' });
export const withDefault = (value: string) => string(undefined, { default: value });
