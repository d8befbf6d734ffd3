import { S3Error } from './errors.ts';
import type { S3Storage, StoredHeaders, StoredObject } from './storage.ts';

/** Reads and changes of the index. Keys are stored as bytes, so that they sort as S3 sorts them: by UTF-8. */

const keyBytes = (key: string) => Buffer.from(key, 'utf8');

function toObject(row: Record<string, unknown>): StoredObject {
  return {
    key: Buffer.from(row.key as Uint8Array).toString('utf8'),
    file: String(row.file),
    size: Number(row.size),
    etag: String(row.etag),
    modified: Number(row.modified),
    headers: JSON.parse(String(row.headers)) as StoredHeaders,
  };
}

export function bucketExists({ database }: S3Storage, bucket: string): boolean {
  return database.prepare('SELECT 1 FROM bucket WHERE name = ?').get(bucket) !== undefined;
}

/** @throws S3Error `NoSuchBucket`. */
export function requireBucket(storage: S3Storage, bucket: string): void {
  if (!bucketExists(storage, bucket)) throw new S3Error('NoSuchBucket', `The bucket "${bucket}" does not exist.`);
}

export function createBucket({ database }: S3Storage, bucket: string, now: Date): void {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new S3Error('InvalidBucketName', `"${bucket}" is not a bucket name: 3 to 63 of a-z, 0-9, "." and "-".`);
  }
  database.prepare('INSERT OR IGNORE INTO bucket VALUES (?, ?)').run(bucket, now.getTime());
}

export function deleteBucket(storage: S3Storage, bucket: string): void {
  const used = storage.database.prepare('SELECT 1 FROM object WHERE bucket = ? LIMIT 1').get(bucket);
  if (used !== undefined) throw new S3Error('BucketNotEmpty', `The bucket "${bucket}" holds objects.`);
  storage.database.prepare('DELETE FROM bucket WHERE name = ?').run(bucket);
}

export function listBuckets({ database }: S3Storage): { name: string; created: Date }[] {
  const rows = database.prepare('SELECT name, created FROM bucket ORDER BY name').all();
  return rows.map(({ name, created }) => ({ name: String(name), created: new Date(Number(created)) }));
}

export function findObject({ database }: S3Storage, bucket: string, key: string): StoredObject | undefined {
  const row = database.prepare('SELECT * FROM object WHERE bucket = ? AND key = ?').get(bucket, keyBytes(key));
  return row === undefined ? undefined : toObject(row);
}

/** Names an object's new file; resolves to the file it had before. */
export function putObject({ database }: S3Storage, bucket: string, object: StoredObject): string | undefined {
  const key = keyBytes(object.key);
  const before = database.prepare('SELECT file FROM object WHERE bucket = ? AND key = ?').get(bucket, key);
  database
    .prepare('INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(bucket, key, object.file, object.size, object.etag, object.modified, JSON.stringify(object.headers));
  return before === undefined ? undefined : String(before.file);
}

/** Removes an object; resolves to its file. */
export function removeObject({ database }: S3Storage, bucket: string, key: string): string | undefined {
  const row = database
    .prepare('DELETE FROM object WHERE bucket = ? AND key = ? RETURNING file')
    .get(bucket, keyBytes(key));
  return row === undefined ? undefined : String(row.file);
}

/** Objects with a prefix and a key after `after`, in order of keys. */
export function* scanObjects(
  { database }: S3Storage,
  bucket: string,
  prefix: string,
  after: string,
): Generator<StoredObject> {
  const start = keyBytes(prefix);
  const rows = database
    .prepare('SELECT * FROM object WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key')
    .iterate(bucket, start, keyBytes(after));
  for (const row of rows) {
    const object = toObject(row);
    if (!object.key.startsWith(prefix)) return;
    yield object;
  }
}
