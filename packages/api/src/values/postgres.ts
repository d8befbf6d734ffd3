// Values of PostgreSQL parameters, as far as validation reads them.
import { parseQuantity, type Quantity } from './quantity.ts';

const words = { true: ['1', 'on', 'true', 'yes'], false: ['0', 'off', 'false', 'no'] };
/** Beginnings that are enough; `o` alone could be both. */
const isBeginning = (text: string, word: string) => word.startsWith(text) && text !== '' && text !== 'o';

/** A boolean as PostgreSQL reads it: on, off, and beginnings of true, false, yes and no. */
export function parsePostgresBoolean(value: string): boolean | undefined {
  const text = value.toLowerCase();
  if (words.true.some((word) => isBeginning(text, word))) return true;
  if (words.false.some((word) => isBeginning(text, word))) return false;
  return undefined;
}

const factors: Readonly<Record<string, string>> = { kB: 'Ki', KB: 'Ki', MB: 'Mi', GB: 'Gi', TB: 'Ti', B: '' };

/** A size such as 512MB. A number alone counts as MB, whatever the parameter. */
export function parsePostgresSize(value: string): Quantity | undefined {
  if (/^[+-]?\d+$/.test(value)) return parseQuantity(`${value}Mi`);
  const [, amount = '', unit = ''] = /^([+-]?[\d.]+)([kKMGT]?B)$/.exec(value.replaceAll(' ', '')) ?? [];
  const factor = factors[unit];
  return factor === undefined ? undefined : parseQuantity(amount + factor);
}

/** A boolean as Go's strconv reads it: the form of annotations. */
export function parseGoBoolean(value: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(value)) return true;
  return ['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(value) ? false : undefined;
}
