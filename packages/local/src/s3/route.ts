import { S3Error } from './errors.ts';
import { createBucket, deleteBucket, listBuckets, requireBucket } from './index-store.ts';
import { listObjects } from './list-objects.ts';
import { abortUpload, completeUpload, createUpload, listParts, listUploads, putPart } from './multipart.ts';
import {
  deleteObjectRequest,
  deleteObjectsRequest,
  getObjectRequest,
  getTaggingRequest,
  putObjectRequest,
} from './objects.ts';
import { answerEmpty, answerXml, type S3Request } from './request.ts';
import type { Role } from './roles.ts';
import { element, xmlDocument } from './xml.ts';

/** Refuses what a role may not do: it works on the objects of its buckets and makes or removes none. */
function authorize(request: S3Request, roles: readonly Role[]): void {
  const { principal, bucket, key, method } = request;
  if (principal.kind === 'owner') return;
  const role = roles.find(({ name }) => name === principal.role);
  const onBucket = key === '' && (method === 'PUT' || (method === 'DELETE' && request.query.size === 0));
  if (role?.buckets.includes(bucket) && !onBucket) return;
  // Whoever may not list a bucket is still told that there is none: the remedy differs.
  if (bucket !== '' && method !== 'PUT') requireBucket(request.storage, bucket);
  throw new S3Error('AccessDenied', `Role "${principal.role}" may not ${method} on bucket "${bucket}".`);
}

/** Finds the operation of a request and carries it out. */
export async function route(request: S3Request, roles: readonly Role[]): Promise<void> {
  if (request.key !== '') requireBucket(request.storage, request.bucket);
  authorize(request, roles);
  if (request.bucket === '') listAllBuckets(request);
  else if (request.key === '') await routeBucket(request);
  else await routeObject(request);
}

async function routeBucket(request: S3Request): Promise<void> {
  const { method, query, storage, bucket, response } = request;
  if (method === 'PUT') {
    createBucket(storage, bucket, request.now);
    answerEmpty(response, 200, { location: `/${bucket}` });
  } else if (method === 'HEAD') {
    requireBucket(storage, bucket);
    answerEmpty(response, 200);
  } else if (method === 'DELETE') {
    requireBucket(storage, bucket);
    deleteBucket(storage, bucket);
    answerEmpty(response, 204);
  } else if (method === 'POST' && query.has('delete')) {
    await deleteObjectsRequest(request);
  } else if (method === 'GET') {
    getBucket(request);
  } else {
    throw notServed(request);
  }
}

function getBucket(request: S3Request): void {
  const { query, response, storage, bucket } = request;
  requireBucket(storage, bucket);
  if (query.has('uploads')) listUploads(request);
  else if (query.has('location')) answerXml(response, xmlDocument(element('LocationConstraint', '')));
  else if (query.has('versioning')) answerXml(response, xmlDocument(element('VersioningConfiguration', [])));
  else answerXml(response, listObjects(storage, bucket, query));
}

async function routeObject(request: S3Request): Promise<void> {
  const { method, query } = request;
  if (query.has('uploads') && method === 'POST') createUpload(request);
  else if (query.has('uploadId')) await routeUpload(request);
  else if (query.has('tagging') && method === 'GET') getTaggingRequest(request);
  else if (method === 'PUT' && !query.has('tagging')) await putObjectRequest(request);
  else if (method === 'GET' || method === 'HEAD') await getObjectRequest(request);
  else if (method === 'DELETE') await deleteObjectRequest(request);
  else throw notServed(request);
}

async function routeUpload(request: S3Request): Promise<void> {
  const { method } = request;
  if (method === 'PUT') await putPart(request);
  else if (method === 'POST') await completeUpload(request);
  else if (method === 'DELETE') await abortUpload(request);
  else if (method === 'GET') listParts(request);
  else throw notServed(request);
}

function listAllBuckets(request: S3Request): void {
  const buckets = listBuckets(request.storage).map(({ name, created }) =>
    element('Bucket', [element('Name', name), element('CreationDate', created.toISOString())]),
  );
  const owner = element('Owner', [element('ID', 'matriarch'), element('DisplayName', 'matriarch')]);
  answerXml(request.response, xmlDocument(element('ListAllMyBucketsResult', [owner, element('Buckets', buckets)])));
}

function notServed(request: S3Request): S3Error {
  return new S3Error('NotImplemented', `${request.method} with "${request.query}" is not served by this object store.`);
}
