/** Turns pieces of a UTF-8 stream into text. The bytes of a character that is not whole yet wait for the next piece. */
export interface TextReader {
  read(piece: Buffer): string;
  /** Bytes of a character that has only begun. */
  readonly rest: Buffer;
}

export function textReader(): TextReader {
  let rest = Buffer.alloc(0);
  return {
    read(piece) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const end = wholeCharacters(bytes);
      rest = Buffer.from(bytes.subarray(end));
      return bytes.toString('utf8', 0, end);
    },
    get rest() {
      return rest;
    },
  };
}

/** Length without an unfinished character at the end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    return sequenceLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}
