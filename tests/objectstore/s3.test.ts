import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { StoreError } from '@matriarch/objectstore';
import { startStore } from './fixture.ts';

const kindIs = (kind: string) => (error: unknown) => error instanceof StoreError && error.kind === kind;

async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('objects are written, read, listed and deleted', async (t) => {
  const { store } = (await startStore(t)).open();
  const body = randomBytes(100_000);
  await store.put('a/key with blanks + plus/ünïcode', body);
  const read = await store.get('a/key with blanks + plus/ünïcode');
  assert.equal(read.size, body.length);
  assert.deepEqual(await readAll(read.body), body);
  assert.equal(await store.head('a/missing'), undefined);
  const keys = await Array.fromAsync(store.list('a/'), ({ key }) => key);
  assert.deepEqual(keys, ['a/key with blanks + plus/ünïcode']);
  await store.delete(keys);
  assert.deepEqual(await Array.fromAsync(store.list('a/')), []);
});

test('a listing of many objects goes over pages and tells common prefixes once', async (t) => {
  const { store } = (await startStore(t)).open();
  const keys = Array.from({ length: 1100 }, (_, index) => `p/${String(index).padStart(4, '0')}/x`);
  for (let start = 0; start < keys.length; start += 50) {
    await Promise.all(keys.slice(start, start + 50).map((key) => store.put(key, Buffer.from('x'))));
  }
  assert.deepEqual(await Array.fromAsync(store.list('p/'), ({ key }) => key), keys);
  const level = await store.listLevel('p/');
  assert.equal(level.prefixes.length, 1100);
  assert.equal(level.objects.length, 0);
});

test('a stream becomes a multipart upload, whatever its size', async (t) => {
  const { store } = (await startStore(t)).open();
  for (const size of [0, 10, 12 * 1024 * 1024 + 7]) {
    const body = randomBytes(size);
    const pieces = async function* () {
      for (let at = 0; at < size; at += 300_000) yield body.subarray(at, at + 300_000);
    };
    assert.equal(await store.putStream('big', pieces(), { partSize: 5 * 1024 * 1024 }), size);
    assert.ok((await readAll((await store.get('big')).body)).equals(body));
  }
});

test('a stream that fails leaves no object', async (t) => {
  const { store } = (await startStore(t)).open();
  const broken = async function* () {
    yield randomBytes(6 * 1024 * 1024);
    throw new Error('disk fell out');
  };
  await assert.rejects(store.putStream('broken', broken(), { partSize: 5 * 1024 * 1024 }), /disk fell out/);
  assert.equal(await store.head('broken'), undefined);
});

test('refusals say what is wrong', async (t) => {
  const fixture = await startStore(t);
  const noBucket = fixture.open({ destinationPath: 's3://elsewhere' });
  await assert.rejects(noBucket.store.put('x', Buffer.from('x')), kindIs('bucketMissing'));
  const wrongSecret = fixture.open({
    credentials: { kind: 's3-keys', accessKeyId: fixture.keys.accessKeyId, secretAccessKey: 'wrong' },
  });
  await assert.rejects(wrongSecret.store.put('x', Buffer.from('x')), kindIs('denied'));
  const unknownKey = fixture.open({
    credentials: { kind: 's3-keys', accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' },
  });
  await assert.rejects(unknownKey.store.listLevel('x/'), kindIs('denied'));
  await assert.rejects(fixture.open().store.get('missing'), kindIs('notFound'));
});

test('a role is taken on by the identity that it trusts, and by no other', async (t) => {
  const role = { name: 'writer', trustedSubjects: ['system:serviceaccount:demo:prod'], buckets: ['backups'] };
  const subjects = new Map([
    ['good', 'system:serviceaccount:demo:prod'],
    ['other', 'system:serviceaccount:demo:other'],
  ]);
  const { url, open } = await startStore(t, {
    roles: [role],
    verifyToken: async (token) => {
      const subject = subjects.get(token);
      return subject === undefined ? undefined : { subject, audiences: ['sts.amazonaws.com'] };
    },
  });
  const assume = (token: string, arn: string) =>
    fetch(url, {
      method: 'POST',
      body: new URLSearchParams({
        Action: 'AssumeRoleWithWebIdentity',
        RoleArn: arn,
        RoleSessionName: 's',
        WebIdentityToken: token,
      }),
    });
  const text = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  const answer = await assume('good', 'arn:aws:iam::123456789012:role/writer');
  assert.equal(answer.status, 200);
  const xml = await answer.text();
  const credentials = {
    kind: 's3-keys' as const,
    accessKeyId: text(xml, 'AccessKeyId'),
    secretAccessKey: text(xml, 'SecretAccessKey'),
    sessionToken: text(xml, 'SessionToken'),
  };
  const { store } = open({ credentials });
  await store.put('x', Buffer.from('x'));
  assert.equal(await store.head('x'), 1);
  const elsewhere = open({ credentials, destinationPath: 's3://not-there' });
  await assert.rejects(elsewhere.store.listLevel(''), kindIs('bucketMissing'));
  for (const [token, arn, said] of [
    [
      'other',
      'arn:aws:iam::1:role/writer',
      /trusts system:serviceaccount:demo:prod, not system:serviceaccount:demo:other/,
    ],
    ['bad', 'arn:aws:iam::1:role/writer', /token is not valid/],
    ['good', 'arn:aws:iam::1:role/none', /no role &quot;none&quot;/],
  ] as const) {
    const refusal = await assume(token, arn);
    assert.ok(refusal.status === 400 || refusal.status === 403);
    assert.match(await refusal.text(), said);
  }
});
