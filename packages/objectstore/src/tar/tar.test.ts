import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeHeader, paddingOf, type TarEntry } from './header.ts';
import { readTar } from './read.ts';

const component = fc.stringMatching(/^[A-Za-z0-9_é.-]{1,90}$/).filter((name) => name !== '.' && name !== '..');
const member = fc.record({
  name: fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  content: fc.uint8Array({ maxLength: 2000 }),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xffffffff }),
  mtime: fc.integer({ min: 0, max: 4_000_000_000 }),
});

async function* sliced(archive: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
}

test('what was written is read, however the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(member, { maxLength: 5 }), fc.integer({ min: 1, max: 1500 }), async (members, cut) => {
      const blocks = members.flatMap(({ content, ...rest }) => {
        const entry: TarEntry = { ...rest, type: 'file', size: content.length, gid: 5, linkName: '' };
        return [encodeHeader(entry), Buffer.from(content), Buffer.alloc(paddingOf(content.length))];
      });
      const archive = Buffer.concat([...blocks, Buffer.alloc(1024)]);
      const seen: unknown[] = [];
      for await (const { entry, content } of readTar(sliced(archive, cut))) {
        const pieces = await Array.fromAsync(content);
        const { name, mode, uid, mtime } = entry;
        seen.push({ name, mode, uid, mtime, content: new Uint8Array(Buffer.concat(pieces)) });
      }
      assert.deepEqual(
        seen,
        members.map(({ name, mode, uid, mtime, content }) => ({ name, mode, uid, mtime, content })),
      );
    }),
    { numRuns: 60 },
  );
});

test('a member that is not read is passed over', async () => {
  const entry = (name: string): TarEntry => ({
    name,
    type: 'file',
    size: 700,
    mode: 0o600,
    uid: 0,
    gid: 0,
    mtime: 0,
    linkName: '',
  });
  const block = (name: string) => Buffer.concat([encodeHeader(entry(name)), Buffer.alloc(1024)]);
  const archive = Buffer.concat([block('a'), block('b'), Buffer.alloc(1024)]);
  assert.deepEqual(await Array.fromAsync(readTar(sliced(archive, 100)), ({ entry: { name } }) => name), ['a', 'b']);
});

test('an archive that is cut off or damaged is refused', async () => {
  const entry: TarEntry = { name: 'a', type: 'file', size: 700, mode: 0o600, uid: 0, gid: 0, mtime: 0, linkName: '' };
  const archive = Buffer.concat([encodeHeader(entry), Buffer.alloc(1024)]);
  await assert.rejects(Array.fromAsync(readTar(sliced(archive, 512))), /without its end mark/);
  await assert.rejects(Array.fromAsync(readTar(sliced(archive.subarray(0, 900), 512))), /incomplete/);
  const damaged = Buffer.from(archive);
  damaged[0] = 0x7a;
  await assert.rejects(Array.fromAsync(readTar(sliced(damaged, 512))), /wrong checksum/);
});
