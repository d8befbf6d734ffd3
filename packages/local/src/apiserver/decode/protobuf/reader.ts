/** The wire format of protobuf: tagged values one after the other. */

export interface WireValue {
  field: number;
  /** A varint or fixed number. */
  number?: bigint;
  bytes?: Buffer;
}

/** Throws RangeError when the bytes end too soon or hold something else. */
export function* readMessage(buffer: Buffer): Generator<WireValue> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = buffer[at];
      if (byte === undefined) break;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw new RangeError('a number does not end');
  };
  const take = (length: number): Buffer => {
    if (at + length > buffer.length) throw new RangeError('a field is longer than the message');
    at += length;
    return buffer.subarray(at - length, at);
  };
  while (at < buffer.length) {
    const tag = varint();
    const field = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (wire === 0) yield { field, number: varint() };
    else if (wire === 1) yield { field, number: take(8).readBigUInt64LE() };
    else if (wire === 5) yield { field, number: BigInt(take(4).readUInt32LE()) };
    else if (wire === 2) yield { field, bytes: take(Number(varint())) };
    else throw new RangeError(`wire type ${wire} is not known`);
  }
}
