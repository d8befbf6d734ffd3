// The few ASN.1 shapes that a certificate is made of, in DER.

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

export const sequence = (...parts: Buffer[]): Buffer => tagged(tags.sequence, Buffer.concat(parts));
export const set = (...parts: Buffer[]): Buffer => tagged(tags.set, Buffer.concat(parts));
export const octetString = (content: Buffer): Buffer => tagged(tags.octetString, content);
export const utf8String = (text: string): Buffer => tagged(tags.utf8String, Buffer.from(text, 'utf8'));
export const boolean = (value: boolean): Buffer => tagged(tags.boolean, Buffer.from([value ? 0xff : 0]));

/** Constructed, context-specific. */
export const explicit = (number: number, content: Buffer): Buffer => tagged(0xa0 | number, content);
/** Primitive, context-specific. */
export const implicit = (number: number, content: Buffer): Buffer => tagged(0x80 | number, content);

/** A whole number, not negative, from its big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const shortest = bytes.subarray(start);
  const padded = ((shortest[0] ?? 0) & 0x80) !== 0 ? Buffer.concat([Buffer.from([0]), shortest]) : shortest;
  return tagged(tags.integer, padded);
}

export function bitString(content: Buffer, unusedBits = 0): Buffer {
  return tagged(tags.bitString, Buffer.concat([Buffer.from([unusedBits]), content]));
}

/** Such as `2.5.29.17`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return tagged(tags.objectIdentifier, Buffer.from(bytes));
}

/** RFC 5280: two-digit years up to 2049, four digits from then on. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? tagged(tags.utcTime, Buffer.from(digits.slice(2), 'ascii'))
    : tagged(tags.generalizedTime, Buffer.from(digits, 'ascii'));
}
