import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readText } from './body.ts';
import { S3Error } from './errors.ts';
import { requireBucket } from './index-store.ts';
import { encryptionHeader, headersToStore, replace } from './objects.ts';
import { answerEmpty, answerXml, checkContentMd5, type S3Request } from './request.ts';
import type { StoredHeaders } from './storage.ts';
import { element, elementsOf, textOf, xmlDocument } from './xml.ts';

interface Part {
  number: number;
  file: string;
  size: number;
  etag: string;
}

interface Upload {
  id: string;
  headers: StoredHeaders;
}

export function createUpload(request: S3Request): void {
  const { storage, bucket, key } = request;
  requireBucket(storage, bucket);
  const id = randomUUID();
  const headers = headersToStore(request);
  storage.database
    .prepare('INSERT INTO upload VALUES (?, ?, ?, ?, ?)')
    .run(id, bucket, Buffer.from(key), request.now.getTime(), JSON.stringify(headers));
  const fields = [element('Bucket', bucket), element('Key', key), element('UploadId', id)];
  answerXml(request.response, xmlDocument(element('InitiateMultipartUploadResult', fields)));
}

function uploadOf(request: S3Request): Upload {
  const id = request.query.get('uploadId') ?? '';
  const row = request.storage.database
    .prepare('SELECT headers FROM upload WHERE id = ? AND bucket = ? AND key = ?')
    .get(id, request.bucket, Buffer.from(request.key));
  if (row === undefined) throw new S3Error('NoSuchUpload', `The upload "${id}" does not exist.`);
  return { id, headers: JSON.parse(String(row.headers)) as StoredHeaders };
}

function partsOf(request: S3Request, id: string): Part[] {
  const rows = request.storage.database.prepare('SELECT * FROM part WHERE upload = ? ORDER BY number').all(id);
  return rows.map(({ number, file, size, etag }) => ({
    number: Number(number),
    file: String(file),
    size: Number(size),
    etag: String(etag),
  }));
}

export async function putPart(request: S3Request): Promise<void> {
  const { storage } = request;
  const { id } = uploadOf(request);
  const number = Number(request.query.get('partNumber'));
  if (!(Number.isInteger(number) && number >= 1 && number <= 10_000)) {
    throw new S3Error('InvalidArgument', `partNumber ${request.query.get('partNumber')} is not within 1 to 10000.`);
  }
  const written = await storage.write(request.content);
  checkContentMd5(request, written.md5);
  const before = storage.database.prepare('SELECT file FROM part WHERE upload = ? AND number = ?').get(id, number);
  storage.database
    .prepare('INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?)')
    .run(id, number, written.file, written.size, written.md5);
  if (before !== undefined) await storage.discard([String(before.file)]);
  answerEmpty(request.response, 200, { etag: `"${written.md5}"` });
}

/** Joins the parts that the client names, in their order, into the object. */
export async function completeUpload(request: S3Request): Promise<void> {
  const { storage, bucket, key, now } = request;
  const { id, headers } = uploadOf(request);
  const parts = chosenParts(await readText(request.content), partsOf(request, id));
  const written = await storage.write(joined(request, parts));
  const digests = createHash('md5');
  for (const { etag } of parts) digests.update(Buffer.from(etag, 'hex'));
  const etag = `${digests.digest('hex')}-${parts.length}`;
  await replace(request, { key, file: written.file, size: written.size, etag, modified: now.getTime(), headers });
  await dropUpload(request, id);
  const fields = [element('Bucket', bucket), element('Key', key), element('ETag', `"${etag}"`)];
  answerXml(request.response, xmlDocument(element('CompleteMultipartUploadResult', fields)));
}

function chosenParts(body: string, stored: readonly Part[]): Part[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  let last = 0;
  const parts = elementsOf(body, 'Part').map((xml) => {
    const number = Number(textOf(xml, 'PartNumber'));
    const etag = textOf(xml, 'ETag')?.replaceAll('"', '');
    const part = byNumber.get(number);
    if (part === undefined || part.etag !== etag) {
      throw new S3Error('InvalidPart', `Part ${number} with ETag ${etag} was not uploaded.`);
    }
    if (number <= last) throw new S3Error('InvalidPartOrder', 'Parts must be named in ascending order.');
    last = number;
    return part;
  });
  if (parts.length === 0) throw new S3Error('MalformedXML', 'At least one part must be named.');
  return parts;
}

async function* joined(request: S3Request, parts: readonly Part[]): AsyncGenerator<Buffer> {
  for (const { file } of parts) {
    yield* createReadStream(request.storage.path(file), { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
  }
}

async function dropUpload(request: S3Request, id: string): Promise<void> {
  const files = partsOf(request, id).map(({ file }) => file);
  request.storage.database.prepare('DELETE FROM upload WHERE id = ?').run(id);
  await request.storage.discard(files);
}

export async function abortUpload(request: S3Request): Promise<void> {
  await dropUpload(request, uploadOf(request).id);
  answerEmpty(request.response, 204);
}

export function listParts(request: S3Request): void {
  const { id, headers } = uploadOf(request);
  const parts = partsOf(request, id).map((part) =>
    element('Part', [
      element('PartNumber', String(part.number)),
      element('ETag', `"${part.etag}"`),
      element('Size', String(part.size)),
    ]),
  );
  const fields = [element('UploadId', id), element('IsTruncated', 'false'), ...parts];
  for (const [name, value] of Object.entries(encryptionHeader(headers))) request.response.setHeader(name, value);
  answerXml(request.response, xmlDocument(element('ListPartsResult', fields)));
}

export function listUploads(request: S3Request): void {
  requireBucket(request.storage, request.bucket);
  const rows = request.storage.database
    .prepare('SELECT id, key, started FROM upload WHERE bucket = ? ORDER BY key, started')
    .all(request.bucket);
  const uploads = rows.map(({ id, key, started }) =>
    element('Upload', [
      element('Key', Buffer.from(key as Uint8Array).toString('utf8')),
      element('UploadId', String(id)),
      element('Initiated', new Date(Number(started)).toISOString()),
    ]),
  );
  const fields = [element('Bucket', request.bucket), element('IsTruncated', 'false'), ...uploads];
  answerXml(request.response, xmlDocument(element('ListMultipartUploadsResult', fields)));
}
