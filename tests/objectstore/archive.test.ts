import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveWal, checkEmptyArchive, restoreWal } from '@matriarch/objectstore';
import { startStore, temporaryFolder } from './fixture.ts';

const segment = '0000000100000000000000A1';

test('a WAL file comes back as it was, with every compression that can be written', async (t) => {
  const folder = await temporaryFolder(t);
  const fixture = await startStore(t);
  const content = Buffer.concat([randomBytes(1_000_000), Buffer.alloc(3_000_000, 'wal ')]);
  for (const [index, compression] of ([undefined, 'gzip', 'zstd', 'snappy'] as const).entries()) {
    const name = `0000000100000000000000B${index}`;
    await writeFile(join(folder, name), content);
    const archive = fixture.open();
    await archiveWal(archive, join(folder, name), { compression });
    const target = join(folder, 'restored');
    assert.equal(await restoreWal(archive, name, target), true);
    assert.ok((await readFile(target)).equals(content), String(compression));
  }
});

test('names in the bucket are those of barman-cloud', async (t) => {
  const folder = await temporaryFolder(t);
  const archive = (await startStore(t)).open();
  for (const name of [segment, '00000002.history', `${segment}.00000028.backup`]) {
    await writeFile(join(folder, name), 'content');
    await archiveWal(archive, join(folder, name), { compression: 'gzip' });
  }
  assert.deepEqual(await Array.fromAsync(archive.store.list(''), ({ key }) => key), [
    'x/prod/wals/0000000100000000/0000000100000000000000A1.00000028.backup.gz',
    'x/prod/wals/0000000100000000/0000000100000000000000A1.gz',
    'x/prod/wals/00000002.history.gz',
  ]);
});

test('a missing WAL file is told from a store that cannot be asked', async (t) => {
  const folder = await temporaryFolder(t);
  const fixture = await startStore(t);
  assert.equal(await restoreWal(fixture.open(), segment, join(folder, 'x')), false);
  const wrong = fixture.open({ destinationPath: 's3://nowhere' });
  await assert.rejects(restoreWal(wrong, segment, join(folder, 'x')), /NoSuchBucket/);
});

test('a whole segment is preferred to a partial one, and a partial one is better than none', async (t) => {
  const folder = await temporaryFolder(t);
  const archive = (await startStore(t)).open();
  const target = join(folder, 'out');
  await archive.store.put(`x/prod/wals/0000000100000000/${segment}.partial`, Buffer.from('partial'));
  await restoreWal(archive, segment, target);
  assert.equal(await readFile(target, 'utf8'), 'partial');
  await archive.store.put(`x/prod/wals/0000000100000000/${segment}`, Buffer.from('whole'));
  await restoreWal(archive, segment, target);
  assert.equal(await readFile(target, 'utf8'), 'whole');
});

test('an archive with WAL of another cluster is refused, one with other objects is not', async (t) => {
  const archive = (await startStore(t)).open();
  await archive.store.put('x/prod/wals/readme.txt', Buffer.from('not WAL'));
  await checkEmptyArchive(archive, 'prod');
  await archive.store.put('x/prod/wals/00000002.history.gz', Buffer.from('WAL'));
  await assert.rejects(checkEmptyArchive(archive, 'prod'), /Expected empty archive/);
});
