/** An LSN as a number that compares; 0 for none. */
export function lsnValue(lsn: string | undefined): bigint {
  const match = /^([0-9A-F]+)\/([0-9A-F]+)$/i.exec(lsn ?? '');
  return match === null ? 0n : (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** For sorting: higher positions first. */
export function byLsnDescending(a: string | undefined, b: string | undefined): number {
  const difference = lsnValue(b) - lsnValue(a);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
