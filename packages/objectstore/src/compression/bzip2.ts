import { Transform } from 'node:stream';
import bzip2 from 'seek-bzip';

/** A base backup's archive may be far larger than memory; WAL segments, which is what this reads, are not. */
const maxCompressed = 256 * 1024 * 1024;

/** Reads bzip2. The decoder needs the whole object, so objects over 256 MiB are refused. */
export function bunzip2(): Transform {
  const pieces: Buffer[] = [];
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > maxCompressed) return done(new Error('bzip2 object over 256 MiB cannot be read by this version'));
      pieces.push(chunk);
      return done();
    },
    flush(done) {
      try {
        this.push(bzip2.decode(Buffer.concat(pieces, length)));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
