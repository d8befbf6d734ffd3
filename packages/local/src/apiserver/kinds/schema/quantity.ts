/** Amounts such as `500m`, `0.5Gi` and `1e3`: comparison and the form in which they are written back. */

export const QUANTITY_PATTERN = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const NANO = 9;

type Family = 'binary' | 'decimal' | 'exponent';

/** A quantity in units of 10^-9, which is the finest that is kept. */
interface Parsed {
  nanos: bigint;
  family: Family;
}

export function isQuantity(text: string): boolean {
  const match = FORM.exec(text);
  return match !== null && `${match[2] ?? ''}${match[3] ?? ''}` !== '';
}

function parse(text: string): Parsed {
  const match = FORM.exec(text);
  if (match === null) throw new RangeError(`'${text}' is no quantity: write a number such as 1.5, 500m or 2Gi`);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  const digits = BigInt(`${whole}${fraction}` || '0');
  let family: Family = 'decimal';
  let exponent = NANO - fraction.length;
  let factor = 1n;
  if (BINARY.indexOf(suffix) > 0) {
    family = 'binary';
    factor = 1024n ** BigInt(BINARY.indexOf(suffix));
  } else if (/^[eE][+-]?\d+$/.test(suffix)) {
    family = 'exponent';
    exponent += Number(suffix.slice(1));
  } else {
    exponent += (DECIMAL.indexOf(suffix) - 3) * 3;
  }
  const scaled = digits * factor;
  // Anything finer than a billionth is rounded up, away from zero.
  const nanos = exponent >= 0 ? scaled * 10n ** BigInt(exponent) : divideUp(scaled, 10n ** BigInt(-exponent));
  return { nanos: sign === '-' ? -nanos : nanos, family };
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/** Negative when `a` is less than `b`, zero when they are the same amount. */
export function compareQuantities(a: string, b: string): number {
  const difference = parse(a).nanos - parse(b).nanos;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The amount in whole units, rounded up. */
export function quantityValue(text: string): number {
  const { nanos } = parse(text);
  const unit = 10n ** BigInt(NANO);
  return Number(nanos > 0n ? divideUp(nanos, unit) : nanos / unit);
}

/** The amount in thousandths, rounded up: how CPU is counted. */
export function quantityMilliValue(text: string): number {
  const { nanos } = parse(text);
  return Number(nanos > 0n ? divideUp(nanos, 1000000n) : nanos / 1000000n);
}

/** The sum of quantities, written in the family of the first. */
export function addQuantities(a: string, b: string): string {
  const left = parse(a);
  return format({ nanos: left.nanos + parse(b).nanos, family: left.family });
}

/** The form in which a quantity is written: no fraction, the largest suffix that allows it. */
export function canonicalQuantity(text: string): string {
  return format(parse(text));
}

function format({ nanos, family }: Parsed): string {
  if (nanos === 0n) return '0';
  const unit = 10n ** BigInt(NANO);
  if (family === 'binary' && nanos % unit === 0n && absolute(nanos / unit) >= 1024n) return formatBinary(nanos / unit);
  let rest = nanos;
  let index = 0;
  while (rest % 1000n === 0n && index < DECIMAL.length - 1) {
    rest /= 1000n;
    index++;
  }
  if (family !== 'exponent') return `${rest}${DECIMAL[index]}`;
  const exponent = index * 3 - NANO;
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}

function formatBinary(value: bigint): string {
  let rest = value;
  let index = 0;
  while (rest % 1024n === 0n && index < BINARY.length - 1) {
    rest /= 1024n;
    index++;
  }
  return `${rest}${BINARY[index]}`;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
