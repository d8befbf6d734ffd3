import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { crc32c } from '../control/crc32c.ts';
import { type ReceivedFiles, verifyManifest } from './manifest.ts';
import { createTarParser, type TarHeader } from './tar.ts';

interface Member {
  readonly name: string;
  readonly content: Buffer;
}

function header(name: string, size: number, type = '0'): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000600\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function archive(members: readonly Member[]): Buffer {
  const padded = ({ name, content }: Member) => [
    header(name, content.length),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ];
  return Buffer.concat(members.flatMap(padded));
}

function parse(bytes: Buffer, cuts: readonly number[]): Member[] {
  const members: Member[] = [];
  let current: TarHeader | undefined;
  let content: Buffer[] = [];
  const parser = createTarParser({
    begin: (member) => {
      current = member;
      content = [];
    },
    data: (piece) => void content.push(Buffer.from(piece)),
    end: () => void members.push({ name: current?.name ?? '', content: Buffer.concat(content) }),
  });
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [index, start] of places.slice(0, -1).entries()) parser.push(bytes.subarray(start, places[index + 1]));
  parser.finish();
  return members;
}

describe('the archives of a base backup', () => {
  const member = fc.record(
    {
      name: fc.stringMatching(/^[a-z0-9_]{1,20}(\/[a-z0-9_]{1,20})?$/),
      content: fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes)),
    },
    { noNullPrototype: true },
  );

  it('give the same members however the stream is cut, with an end mark and without', () => {
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        fc.boolean(),
        (members, cuts, marked) => {
          const bytes = Buffer.concat([archive(members), Buffer.alloc(marked ? 1024 : 0)]);
          assert.deepEqual(parse(bytes, cuts), members);
        },
      ),
    );
  });

  it('are refused when they are cut off or damaged', () => {
    const bytes = archive([{ name: 'base/1/1', content: Buffer.alloc(700, 1) }]);
    for (const length of [100, 600, 1300])
      assert.throws(() => parse(bytes.subarray(0, length), []), /ends within a file/);
    const damaged = Buffer.from(bytes);
    damaged[3] = 0x41;
    assert.throws(() => parse(damaged, []), /header checksum is wrong/);
    assert.throws(() => parse(header('x', 0, 'Z'), []), /unknown type "Z"/);
  });
});

describe('the backup manifest', () => {
  const content = Buffer.from('hello');
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32c(content));

  function manifest(path: string, size: number, checksum: string): Buffer {
    const entry = { Path: path, Size: size, 'Checksum-Algorithm': 'CRC32C', Checksum: checksum };
    const text = `{ "PostgreSQL-Backup-Manifest-Version": 2,\n"Files": [\n${JSON.stringify(entry)}\n],\n"WAL-Ranges": [],\n`;
    return Buffer.from(`${text}"Manifest-Checksum": "${createHash('sha256').update(text).digest('hex')}"}\n`);
  }

  const received = (...paths: string[]): ReceivedFiles =>
    new Map(paths.map((path) => [path, { size: content.length, crc32c: crc32c(content) }]));
  const good = manifest('base/1/1', 5, crc.toString('hex'));

  it('agrees with what arrived; WAL is not in it', () => {
    verifyManifest(good, received('base/1/1', 'pg_wal/000000010000000000000002'));
  });

  it('names what is missing, too much, too short or damaged', () => {
    assert.throws(() => verifyManifest(good, received()), /"base\/1\/1" of the backup manifest did not arrive/);
    assert.throws(() => verifyManifest(good, received('base/1/1', 'extra')), /"extra" arrived but is not/);
    assert.throws(
      () => verifyManifest(manifest('base/1/1', 6, crc.toString('hex')), received('base/1/1')),
      /arrived with 5 bytes/,
    );
    assert.throws(() => verifyManifest(manifest('base/1/1', 5, '00000000'), received('base/1/1')), /arrived damaged/);
  });

  it('is refused when itself is damaged or cut off', () => {
    const damaged = Buffer.from(good.toString().replace('base/1/1', 'base/1/2'));
    assert.throws(() => verifyManifest(damaged, received('base/1/2')), /its own checksum is wrong/);
    assert.throws(() => verifyManifest(good.subarray(0, 80), received('base/1/1')), /cut off/);
  });
});
