/** A position in the write-ahead log: a byte address of 64 bits. Compare with `<`, add and subtract as bigint. */
export type Lsn = bigint;

const pattern = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/** @throws Error when the text is not `X/X` in hexadecimal. */
export function parseLsn(text: string): Lsn {
  const match = pattern.exec(text);
  if (match === null)
    throw new Error(`"${text}" is not a WAL position: expected two hexadecimal numbers as in 0/3000028`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

export function isLsn(text: string): boolean {
  return pattern.test(text);
}

export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}
