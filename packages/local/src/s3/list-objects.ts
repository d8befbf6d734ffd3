import { S3Error } from './errors.ts';
import { requireBucket, scanObjects } from './index-store.ts';
import { cutPage, type ListPage } from './listing.ts';
import type { S3Storage, StoredObject } from './storage.ts';
import { element, xmlDocument } from './xml.ts';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
const pageLimit = 1000;

/** Answers ListObjectsV2 and ListObjects. */
export function listObjects(storage: S3Storage, bucket: string, query: URLSearchParams): string {
  requireBucket(storage, bucket);
  const version2 = query.get('list-type') === '2';
  const request = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: limitOf(query.get('max-keys')),
  };
  const token = query.get('continuation-token');
  const after = version2
    ? token === null
      ? (query.get('start-after') ?? '')
      : Buffer.from(token, 'base64url').toString('utf8')
    : (query.get('marker') ?? '');
  const page = cutPage(scanObjects(storage, bucket, request.prefix, after), request, after);
  const encode = query.get('encoding-type') === 'url' ? encodeKey : (text: string) => text;
  const fields = [
    element('Name', bucket),
    element('Prefix', encode(request.prefix)),
    element('MaxKeys', String(request.maxKeys)),
    element('IsTruncated', String(page.next !== undefined)),
    ...(request.delimiter === '' ? [] : [element('Delimiter', encode(request.delimiter))]),
    ...(query.get('encoding-type') === 'url' ? [element('EncodingType', 'url')] : []),
    ...(version2 ? versionTwoFields(page, token) : markerFields(page, after, encode)),
    ...page.objects.map((object) => contents(object, encode)),
    ...page.prefixes.map((prefix) => element('CommonPrefixes', [element('Prefix', encode(prefix))])),
  ];
  return xmlDocument(`<ListBucketResult xmlns="${namespace}">${fields.join('')}</ListBucketResult>`);
}

function limitOf(text: string | null): number {
  const limit = text === null ? pageLimit : Number(text);
  if (!Number.isInteger(limit) || limit < 0)
    throw new S3Error('InvalidArgument', `max-keys "${text}" is not a number.`);
  return Math.min(limit, pageLimit);
}

function versionTwoFields(page: ListPage, token: string | null): string[] {
  const fields = [element('KeyCount', String(page.objects.length + page.prefixes.length))];
  if (token !== null) fields.push(element('ContinuationToken', token));
  if (page.next !== undefined) {
    fields.push(element('NextContinuationToken', Buffer.from(page.next, 'utf8').toString('base64url')));
  }
  return fields;
}

function markerFields(page: ListPage, marker: string, encode: (text: string) => string): string[] {
  const fields = [element('Marker', encode(marker))];
  if (page.next !== undefined) fields.push(element('NextMarker', encode(page.next)));
  return fields;
}

function contents(object: StoredObject, encode: (text: string) => string): string {
  return element('Contents', [
    element('Key', encode(object.key)),
    element('LastModified', new Date(object.modified).toISOString()),
    element('ETag', `"${object.etag}"`),
    element('Size', String(object.size)),
    element('StorageClass', 'STANDARD'),
  ]);
}

function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}
