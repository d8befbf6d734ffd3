/** Quantities as resources have them: a number with a suffix. */

const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;
const DECIMAL: { readonly [suffix: string]: number } = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
};

/** The value of a quantity; undefined when the text is none. */
export function quantityOf(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, number = '', suffix = '', exponent] = match;
  if (exponent !== undefined) return Number(number) * 10 ** Number(exponent);
  if (suffix.endsWith('i')) return Number(number) * 1024 ** ' KMGTPE'.indexOf(suffix.charAt(0));
  return Number(number) * (DECIMAL[suffix] ?? 1);
}
