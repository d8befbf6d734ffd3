/** JSON values as CEL sees them: whole numbers of integer fields are bigint, times are timestamps, names are escaped. */

import { type CelInput, type CelValue, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { isObject, own } from '../json.ts';
import type { Json, JsonSchema } from '../types.ts';

export function toCel(value: Json, schema: JsonSchema | undefined): CelInput {
  if (Array.isArray(value)) return value.map((item) => toCel(item, schema?.items)) as CelInput;
  if (isObject(value)) {
    const others = typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    const members = Object.entries(value).map(([name, item]) => {
      const property = own(schema?.properties, name);
      const key = property === undefined ? name : escapeName(name);
      return [key, toCel(item, property ?? others)] as const;
    });
    return Object.fromEntries(members) as CelInput;
  }
  if (typeof value === 'number') return schema?.type === 'number' || !Number.isInteger(value) ? value : BigInt(value);
  return typeof value === 'string' ? fromText(value, schema) : value;
}

/** A date or duration that cannot be read stays a string: the format was refused by validation already. */
function fromText(text: string, schema: JsonSchema | undefined): CelInput {
  const converted = CONVERSIONS[schema?.type === 'string' ? (schema.format ?? '') : '']?.(text);
  return converted === undefined || isCelError(converted) ? text : converted;
}

type Conversion = (text: string) => CelValue | ReturnType<ReturnType<typeof plan>>;

function conversion(expression: string): Conversion {
  let planned: ReturnType<typeof plan> | undefined;
  return (text) => {
    planned ??= plan(celEnv(), parse(expression));
    return planned({ x: text });
  };
}

const timestamp = conversion('timestamp(x)');
const CONVERSIONS: { readonly [format: string]: Conversion } = {
  'date-time': timestamp,
  date: (text) => timestamp(`${text}T00:00:00Z`),
  duration: conversion('duration(x)'),
  byte: (text) => new Uint8Array(Buffer.from(text, 'base64')),
};

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** A field name as an expression has to write it. */
export function escapeName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
