/**
 * CRC-32C (Castagnoli), eight bytes a step: tables[n][b] is the effect of byte b with n more bytes behind it.
 * PostgreSQL protects pg_control and the files of a backup manifest with it, and Node has only the other polynomial.
 */
const tables = makeTables();

function makeTables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
  });
  const made = [first];
  for (let previous = first; made.length < 8; ) {
    previous = previous.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] ?? 0));
    made.push(previous);
  }
  return made;
}

const empty = new Int32Array(256);
const [t0 = empty, t1 = empty, t2 = empty, t3 = empty, t4 = empty, t5 = empty, t6 = empty, t7 = empty] = tables;

/** The checksum of `data`, unsigned; pass the result as `before` to go on with the next piece. */
export function crc32c(data: Uint8Array, before = 0): number {
  let crc = ~before;
  let at = 0;
  const bulk = data.length - (data.length % 8);
  for (; at < bulk; at += 8) {
    const a = crc ^ word(data, at);
    const b = word(data, at + 4);
    crc =
      (t7[a & 0xff] as number) ^
      (t6[(a >>> 8) & 0xff] as number) ^
      (t5[(a >>> 16) & 0xff] as number) ^
      (t4[a >>> 24] as number) ^
      (t3[b & 0xff] as number) ^
      (t2[(b >>> 8) & 0xff] as number) ^
      (t1[(b >>> 16) & 0xff] as number) ^
      (t0[b >>> 24] as number);
  }
  for (; at < data.length; at += 1) crc = (crc >>> 8) ^ (t0[(crc ^ (data[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

function word(data: Uint8Array, at: number): number {
  return (
    (data[at] as number) |
    ((data[at + 1] as number) << 8) |
    ((data[at + 2] as number) << 16) |
    ((data[at + 3] as number) << 24)
  );
}
