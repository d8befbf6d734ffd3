import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SpdyStream, serveSpdy } from './spdy.ts';
import {
  controlFrame,
  createFrameReader,
  dataFrame,
  FIN,
  type Frame,
  PING,
  SYN_REPLY,
  SYN_STREAM,
} from './spdy-frames.ts';
import { createHeaderCodec, DICTIONARY, decodePairs, encodePairs } from './spdy-headers.ts';

test('the dictionary is the one of the protocol', () => {
  let a = 1;
  let b = 0;
  for (const byte of DICTIONARY) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  assert.equal((b * 65_536 + a).toString(16), 'e3c6a7c2');
});

test('header blocks keep their meaning over one compressed stream', async () => {
  const [client, server] = [createHeaderCodec(), createHeaderCodec()];
  for (let round = 0; round < 3; round++) {
    const headers = new Map([
      ['streamtype', 'data'],
      ['port', '5432'],
      ['requestid', String(round)],
    ]);
    assert.deepEqual(await server.decode(await client.encode(headers)), headers);
  }
});

test('any pairs survive', () => {
  const name = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.toLowerCase());
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, fc.string()), { selector: ([key]) => key }), (pairs) => {
      assert.deepEqual([...decodePairs(encodePairs(new Map(pairs)))], pairs);
    }),
  );
});

test('frames are found however the bytes are cut', () => {
  const bytes = Buffer.concat([
    dataFrame(1, Buffer.from('hello')),
    controlFrame(PING, Buffer.alloc(4)),
    dataFrame(3, Buffer.alloc(0), FIN),
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
      const read = createFrameReader();
      const edges = [0, ...cuts.sort((x, y) => x - y), bytes.length];
      const frames = edges.slice(1).flatMap((edge, index) => read(bytes.subarray(edges[index], edge)));
      assert.deepEqual(
        frames.map((frame) => [frame.kind, frame.kind === 'data' ? frame.stream : frame.type, frame.flags]),
        [
          ['data', 1, 0],
          ['control', PING, 0],
          ['data', 3, FIN],
        ],
      );
    }),
  );
});

function pair(): [Duplex, Duplex] {
  const sides: Duplex[] = [];
  for (const index of [0, 1]) {
    sides[index] = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        setImmediate(() => sides[1 - index]?.push(chunk));
        done();
      },
      final: (done) => {
        sides[1 - index]?.push(null);
        done();
      },
    });
  }
  return sides as [Duplex, Duplex];
}

test('a client opens a stream, both talk, the server answers pings', async () => {
  const [ours, theirs] = pair();
  const codec = createHeaderCodec();
  const opened = Promise.withResolvers<SpdyStream>();
  serveSpdy(ours, opened.resolve);
  const frames: Frame[] = [];
  const read = createFrameReader();
  theirs.on('data', (chunk: Buffer) => frames.push(...read(chunk)));
  const block = await codec.encode(new Map([['streamtype', 'stdin']]));
  const head = Buffer.alloc(10);
  head.writeUInt32BE(1);
  theirs.write(controlFrame(SYN_STREAM, Buffer.concat([head, block])));
  theirs.write(dataFrame(1, Buffer.from('ping?'), FIN));
  theirs.write(controlFrame(PING, Buffer.from([0, 0, 0, 7])));
  const stream = await opened.promise;
  assert.equal(stream.headers.get('streamtype'), 'stdin');
  const closed = once(stream, 'close');
  const heard: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => heard.push(chunk));
  stream.once('end', () => stream.end('pong!'));
  await closed;
  assert.equal(Buffer.concat(heard).toString(), 'ping?');
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const kinds = frames.map((frame) => (frame.kind === 'data' ? frame.body.toString() : frame.type));
  assert.deepEqual(
    kinds.filter((kind) => kind !== PING),
    [SYN_REPLY, 'pong!', ''],
  );
  assert.ok(kinds.includes(PING));
});
