import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { readText } from './body.ts';
import { S3Error } from './errors.ts';
import { findObject, putObject, removeObject, requireBucket } from './index-store.ts';
import { answerEmpty, answerXml, checkContentMd5, header, type S3Request } from './request.ts';
import type { StoredHeaders, StoredObject } from './storage.ts';
import { element, elementsOf, textOf, xmlDocument } from './xml.ts';

/** Headers of a write that are stored with the object. */
export function headersToStore(request: S3Request): StoredHeaders {
  const metadata = Object.entries(request.incoming.headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  return {
    contentType: header(request, 'content-type'),
    encryption: header(request, 'x-amz-server-side-encryption'),
    tagging: header(request, 'x-amz-tagging'),
    metadata:
      metadata.length === 0 ? undefined : Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])),
  };
}

export async function putObjectRequest(request: S3Request): Promise<void> {
  const { storage, bucket, key, now } = request;
  requireBucket(storage, bucket);
  const source = header(request, 'x-amz-copy-source');
  if (source !== undefined) return copyObject(request, source);
  if (header(request, 'if-none-match') === '*' && findObject(storage, bucket, key) !== undefined) {
    throw new S3Error('PreconditionFailed', `The object "${key}" exists already.`);
  }
  const written = await storage.write(request.content);
  try {
    checkContentMd5(request, written.md5);
    const headers = headersToStore(request);
    const object = { key, file: written.file, size: written.size, etag: written.md5, modified: now.getTime(), headers };
    await replace(request, object);
    answerEmpty(request.response, 200, { etag: `"${written.md5}"`, ...encryptionHeader(headers) });
  } catch (error) {
    await storage.discard(findObject(storage, bucket, key)?.file === written.file ? [] : [written.file]);
    throw error;
  }
  return undefined;
}

/** Puts an object in the index and removes the file of the one it replaces. */
export async function replace(request: S3Request, object: StoredObject): Promise<void> {
  const before = putObject(request.storage, request.bucket, object);
  if (before !== undefined) await request.storage.discard([before]);
}

export function encryptionHeader(headers: StoredHeaders): Record<string, string> {
  return headers.encryption === undefined ? {} : { 'x-amz-server-side-encryption': headers.encryption };
}

async function copyObject(request: S3Request, source: string): Promise<void> {
  const [bucket = '', ...rest] = decodeURIComponent(source.replace(/^\//, '')).split('/');
  const original = findObject(request.storage, bucket, rest.join('/'));
  if (original === undefined) throw new S3Error('NoSuchKey', `The object "${source}" does not exist.`);
  const written = await request.storage.write(createReadStream(request.storage.path(original.file)));
  const modified = request.now.getTime();
  await replace(request, { ...original, key: request.key, file: written.file, modified });
  const result = [element('LastModified', new Date(modified).toISOString()), element('ETag', `"${original.etag}"`)];
  answerXml(request.response, xmlDocument(element('CopyObjectResult', result)));
}

export async function getObjectRequest(request: S3Request): Promise<void> {
  const { storage, bucket, key, response, method } = request;
  requireBucket(storage, bucket);
  const object = findObject(storage, bucket, key);
  if (object === undefined) throw new S3Error('NoSuchKey', `The object "${key}" does not exist.`);
  const range = rangeOf(header(request, 'range'), object.size);
  const start = range?.start ?? 0;
  const end = range?.end ?? object.size - 1;
  response.writeHead(range === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    'content-type': object.headers.contentType ?? 'binary/octet-stream',
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modified).toUTCString(),
    ...encryptionHeader(object.headers),
    ...object.headers.metadata,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${object.size}` }),
  });
  if (method === 'HEAD' || end < start) response.end();
  else
    await pipeline(createReadStream(storage.path(object.file), { start, end, highWaterMark: 1024 * 1024 }), response);
}

/** The one range of a `Range` header; undefined without one or for forms that may be ignored (RFC 9110, 14.2). */
export function rangeOf(text: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || start > end)
    throw new S3Error('InvalidRange', `The range "${text}" lies outside of ${size} bytes.`);
  return { start, end };
}

export async function deleteObjectRequest(request: S3Request): Promise<void> {
  requireBucket(request.storage, request.bucket);
  const file = removeObject(request.storage, request.bucket, request.key);
  if (file !== undefined) await request.storage.discard([file]);
  answerEmpty(request.response, 204);
}

/** DeleteObjects: up to 1,000 keys of one bucket. */
export async function deleteObjectsRequest(request: S3Request): Promise<void> {
  requireBucket(request.storage, request.bucket);
  const body = await readText(request.content);
  const keys = elementsOf(body, 'Object').map((object) => textOf(object, 'Key'));
  if (keys.length > 1000 || keys.includes(undefined)) {
    throw new S3Error('MalformedXML', 'A deletion names 1 to 1,000 objects, each with a Key.');
  }
  const files: string[] = [];
  for (const key of keys) {
    const file = removeObject(request.storage, request.bucket, key ?? '');
    if (file !== undefined) files.push(file);
  }
  await request.storage.discard(files);
  const quiet = textOf(body, 'Quiet') === 'true';
  const deleted = quiet ? [] : keys.map((key) => element('Deleted', [element('Key', key ?? '')]));
  answerXml(request.response, xmlDocument(element('DeleteResult', deleted)));
}

export function getTaggingRequest(request: S3Request): void {
  const object = findObject(request.storage, request.bucket, request.key);
  if (object === undefined) throw new S3Error('NoSuchKey', `The object "${request.key}" does not exist.`);
  const tags = [...new URLSearchParams(object.headers.tagging ?? '')].map(([key, value]) =>
    element('Tag', [element('Key', key), element('Value', value)]),
  );
  answerXml(request.response, xmlDocument(element('Tagging', [element('TagSet', tags)])));
}
