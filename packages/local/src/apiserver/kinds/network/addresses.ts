/** Arithmetic on IPv4 ranges. */

export interface AddressRange {
  /** As given, e.g. `10.96.0.0/16`. */
  text: string;
  /** First address, as a number; it is never given out. */
  base: number;
  /** Number of addresses. */
  size: number;
}

/** Throws for a text that is no IPv4 range. */
export function parseRange(text: string): AddressRange {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text);
  const bits = Number(match?.[2] ?? -1);
  const address = toNumber(match?.[1] ?? '');
  if (address === undefined || bits < 1 || bits > 30) {
    throw new RangeError(`service CIDR '${text}': not an IPv4 range with 1 to 30 bits; write e.g. 10.96.0.0/16`);
  }
  const size = 2 ** (32 - bits);
  return { text, base: address - (address % size), size };
}

/** undefined: not an IPv4 address. */
export function toNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Whether an address may be given out: neither the first nor the last of the range. */
export function contains(range: AddressRange, address: number): boolean {
  return address > range.base && address < range.base + range.size - 1;
}
