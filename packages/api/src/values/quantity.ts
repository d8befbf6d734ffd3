// Quantities of Kubernetes, such as 10Gi, 500m and 1e3. Held exactly, in billionths.

/** A quantity in billionths of its unit. */
export type Quantity = bigint;

const nanos = 1_000_000_000n;
/** Larger values count as this one, as Kubernetes does it. */
const largest = (2n ** 63n - 1n) * nanos;

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/** Reads a quantity; undefined when the text is none. Parts below a billionth are rounded away from zero. */
export function parseQuantity(value: string | number): Quantity | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([KMGTPE]i|[numkMGTPE]?|[eE][+-]?\d+)$/.exec(String(value));
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const magnitude = scale(digits, fraction.length, suffix);
  const capped = magnitude > largest ? largest : magnitude;
  return sign === '-' ? -capped : capped;
}

function scale(digits: bigint, decimals: number, suffix: string): bigint {
  const factor = binary[suffix];
  if (factor !== undefined) return shift(digits * factor, 9 - decimals);
  const exponent = decimal[suffix] ?? Number(suffix.slice(1));
  return shift(digits, exponent + 9 - decimals);
}

/** digits times 10 to the power, rounded up. */
function shift(digits: bigint, power: number): bigint {
  if (digits === 0n) return 0n;
  if (power >= 0) return power > 60 ? largest + 1n : digits * 10n ** BigInt(power);
  if (-power > digits.toString().length) return 1n;
  const divisor = 10n ** BigInt(-power);
  return (digits + divisor - 1n) / divisor;
}

/** The quantity as a whole number, rounded up: bytes for memory and storage. */
export function quantityValue(quantity: Quantity): bigint {
  const whole = quantity / nanos;
  return quantity > whole * nanos ? whole + 1n : whole;
}

/** Bytes of a text such as 10Gi; undefined when it is no quantity. */
export function quantityBytes(value: string | number): bigint | undefined {
  const quantity = parseQuantity(value);
  return quantity === undefined ? undefined : quantityValue(quantity);
}
