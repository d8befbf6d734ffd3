/** Kubernetes' additions to CEL: lists, regular expressions, URLs, addresses, quantities. */

import { isIP, isIPv4, isIPv6 } from 'node:net';
import {
  type CelFunc,
  type CelList,
  type CelMap,
  CelScalar,
  type CelValue,
  celFunc,
  celMethod,
  listType,
  mapType,
} from '@bufbuild/cel';
import { compile } from '../patterns.ts';
import { quantityOf } from './quantity.ts';

const { STRING, BOOL, INT, DYN, DOUBLE } = CelScalar;
const LIST = listType(DYN);
/** Opaque values are maps with one member, named after what they are. */
const OPAQUE = mapType(STRING, STRING);

function opaque(kind: string, text: string): { [key: string]: string } {
  return { [kind]: text };
}

function content(value: CelMap, kind: string): string {
  const text = value.get(kind);
  if (typeof text !== 'string') throw new Error(`no such overload: expected ${kind}`);
  return text;
}

function less(a: CelValue, b: CelValue): boolean {
  const comparable = ['bigint', 'number', 'string', 'boolean'];
  if (typeof a !== typeof b || !comparable.includes(typeof a))
    throw new Error('no such overload: values cannot be ordered');
  return (a as number) < (b as number);
}

function extreme(list: CelList, better: (a: CelValue, b: CelValue) => boolean): CelValue {
  const [first, ...rest] = [...list];
  if (first === undefined) throw new Error('min and max need at least one element');
  return rest.reduce((best, item) => (better(item, best) ? item : best), first);
}

function sum(list: CelList): bigint | number {
  const items = [...list];
  if (items.every((item) => typeof item === 'number') && items.length > 0) {
    return (items as number[]).reduce((total, item) => total + item, 0);
  }
  return items.reduce<bigint>((total, item) => {
    if (typeof item !== 'bigint') throw new Error('no such overload: sum of values that are no numbers');
    return total + item;
  }, 0n);
}

function position(list: CelList, wanted: CelValue, last: boolean): bigint {
  const items = [...list];
  return BigInt(last ? items.lastIndexOf(wanted) : items.indexOf(wanted));
}

const lists: CelFunc[] = [
  celMethod('isSorted', LIST, [], BOOL, function () {
    const items = [...this];
    return items.every((item, index) => index === 0 || !less(item, items[index - 1] as CelValue));
  }),
  celMethod('sum', LIST, [], DYN, function () {
    return sum(this);
  }),
  celMethod('min', LIST, [], DYN, function () {
    return extreme(this, less);
  }),
  celMethod('max', LIST, [], DYN, function () {
    return extreme(this, (a, b) => less(b, a));
  }),
  celMethod('indexOf', LIST, [DYN], INT, function (item) {
    return position(this, item as CelValue, false);
  }),
  celMethod('lastIndexOf', LIST, [DYN], INT, function (item) {
    return position(this, item as CelValue, true);
  }),
];

function find(text: string, pattern: string, limit: number): string[] {
  const matcher = compile(pattern).matcher(text);
  const found: string[] = [];
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

const expressions: CelFunc[] = [
  celMethod('find', STRING, [STRING], STRING, function (pattern) {
    return find(this, pattern, 1)[0] ?? '';
  }),
  celMethod('findAll', STRING, [STRING], listType(STRING), function (pattern) {
    return find(this, pattern, Number.POSITIVE_INFINITY);
  }),
  celMethod('findAll', STRING, [STRING, INT], listType(STRING), function (pattern, limit) {
    return find(this, pattern, limit < 0n ? Number.POSITIVE_INFINITY : Number(limit));
  }),
];

/** A method without arguments on an opaque value. */
function part(name: string, kind: string, read: (text: string) => string): CelFunc {
  return celMethod(name, OPAQUE, [], STRING, function () {
    return read(content(this, kind));
  });
}

const urls: CelFunc[] = [
  celFunc('isURL', [STRING], BOOL, (text) => text.startsWith('/') || URL.canParse(text)),
  celFunc('url', [STRING], OPAQUE, (text) => opaque('url', text.startsWith('/') ? text : new URL(text).href)),
  part('getScheme', 'url', (text) => (text.startsWith('/') ? '' : new URL(text).protocol.slice(0, -1))),
  part('getHost', 'url', (text) => (text.startsWith('/') ? '' : new URL(text).host)),
  part('getHostname', 'url', (text) => (text.startsWith('/') ? '' : new URL(text).hostname.replace(/^\[|\]$/g, ''))),
  part('getPort', 'url', (text) => (text.startsWith('/') ? '' : new URL(text).port)),
  part('getEscapedPath', 'url', (text) => new URL(text, 'relative://host').pathname),
];

function addressFamily(text: string): bigint {
  return isIPv4(text) ? 4n : isIPv6(text) ? 6n : 0n;
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', more] = text.split('/');
  return (
    more === undefined && isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128)
  );
}

const addresses: CelFunc[] = [
  celFunc('isIP', [STRING], BOOL, (text) => isIP(text) !== 0),
  celFunc('isCIDR', [STRING], BOOL, isCidr),
  celFunc('ip', [STRING], OPAQUE, (text) => {
    if (isIP(text) === 0)
      throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
    return opaque('ip', text);
  }),
  celMethod('family', OPAQUE, [], INT, function () {
    return addressFamily(content(this, 'ip'));
  }),
];

/** Compares two quantities, or one with a number. */
function quantityMethod(name: string, test: (a: number, b: number) => boolean): CelFunc {
  return celMethod(name, OPAQUE, [OPAQUE], BOOL, function (other) {
    return test(Number(content(this, 'quantity')), Number(content(other, 'quantity')));
  });
}

const quantities: CelFunc[] = [
  celFunc('isQuantity', [STRING], BOOL, (text) => quantityOf(text) !== undefined),
  celFunc('quantity', [STRING], OPAQUE, (text) => {
    const value = quantityOf(text);
    if (value === undefined)
      throw new Error(`quantities must match the regular expression of quantities: ${JSON.stringify(text)}`);
    return opaque('quantity', String(value));
  }),
  quantityMethod('isGreaterThan', (a, b) => a > b),
  quantityMethod('isLessThan', (a, b) => a < b),
  celMethod('compareTo', OPAQUE, [OPAQUE], INT, function (other) {
    return BigInt(Math.sign(Number(content(this, 'quantity')) - Number(content(other, 'quantity'))));
  }),
  celMethod('asApproximateFloat', OPAQUE, [], DOUBLE, function () {
    return Number(content(this, 'quantity'));
  }),
  celMethod('asInteger', OPAQUE, [], INT, function () {
    return BigInt(content(this, 'quantity'));
  }),
  celMethod('sign', OPAQUE, [], INT, function () {
    return BigInt(Math.sign(Number(content(this, 'quantity'))));
  }),
];

export const FUNCTIONS: readonly CelFunc[] = [...lists, ...expressions, ...urls, ...addresses, ...quantities];
