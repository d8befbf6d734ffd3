import type { Readable } from 'node:stream';
import {
  type _Object,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { StoreConfig } from '../config.ts';
import { parseS3Destination } from '../location.ts';
import type { Listing, ObjectEntry, ObjectStore, PutOptions } from '../store.ts';
import { StoreError } from '../store.ts';
import { createS3Client } from './client.ts';
import { toStoreError } from './errors.ts';
import { uploadMultipart } from './multipart.ts';
import { encryptionFields, sendOptions, taggingHeader } from './request.ts';

/** DeleteObjects takes at most so many keys (S3 API, DeleteObjects). */
const deleteBatch = 1000;

/** The bucket of a `s3://` destination. `sockets` bounds the connections held at once. */
export function openS3Store(config: StoreConfig, sockets = 16): ObjectStore {
  const { bucket } = parseS3Destination(config.destinationPath);
  const client = createS3Client(config, sockets);
  const url = `s3://${bucket}`;
  const attempt = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toStoreError(`${action} ${url}`, error);
    }
  };
  return {
    url,
    put: (key, body, options) => attempt(`writing ${key} to`, () => putObject(client, bucket, key, body, options)),
    putStream: (key, body, options) =>
      attempt(`writing ${key} to`, () => uploadMultipart({ client, bucket, key, body, options })),
    get: (key, options) =>
      attempt(`reading ${key} from`, async () => {
        const answer = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key }),
          sendOptions(options?.signal),
        );
        if (answer.Body === undefined) throw new StoreError('unreachable', `reading ${key} gave no body`);
        return { size: answer.ContentLength ?? 0, body: answer.Body as Readable };
      }),
    head: (key, options) => headObject(client, bucket, key, options?.signal),
    list: (prefix, options) => listObjects(client, bucket, prefix, options?.signal),
    listLevel: (prefix, options) =>
      attempt(`listing ${prefix} in`, () => listLevel(client, bucket, prefix, options?.signal)),
    delete: (keys, options) => attempt('deleting from', () => deleteObjects(client, bucket, keys, options?.signal)),
    close: () => client.destroy(),
  };
}

async function putObject(
  client: S3Client,
  bucket: string,
  key: string,
  body: Uint8Array,
  options: PutOptions = {},
): Promise<void> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentLength: body.byteLength,
    ...encryptionFields(options),
    ...taggingHeader(options.tags),
  });
  await client.send(command, sendOptions(options.signal));
}

async function headObject(client: S3Client, bucket: string, key: string, signal?: AbortSignal) {
  try {
    const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), sendOptions(signal));
    return answer.ContentLength ?? 0;
  } catch (error) {
    const failure = toStoreError(`looking for ${key} in s3://${bucket}`, error);
    if (failure.kind === 'notFound') return undefined;
    throw failure;
  }
}

async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ObjectEntry> {
  for await (const page of pages(client, { Bucket: bucket, Prefix: prefix }, signal)) {
    yield* entries(page.Contents);
  }
}

async function listLevel(client: S3Client, bucket: string, prefix: string, signal?: AbortSignal): Promise<Listing> {
  const listing: Listing = { objects: [], prefixes: [] };
  for await (const page of pages(client, { Bucket: bucket, Prefix: prefix, Delimiter: '/' }, signal)) {
    listing.objects.push(...entries(page.Contents));
    for (const common of page.CommonPrefixes ?? [])
      if (common.Prefix !== undefined) listing.prefixes.push(common.Prefix);
  }
  return listing;
}

async function* pages(
  client: S3Client,
  input: { Bucket: string; Prefix: string; Delimiter?: string },
  signal: AbortSignal | undefined,
) {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command(token === undefined ? input : { ...input, ContinuationToken: token });
    const page = await client.send(command, sendOptions(signal)).catch((error: unknown) => {
      throw toStoreError(`listing ${input.Prefix} in s3://${input.Bucket}`, error);
    });
    yield page;
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function entries(contents: readonly _Object[] | undefined): ObjectEntry[] {
  return (contents ?? []).flatMap(({ Key, Size, LastModified }) =>
    Key === undefined ? [] : [{ key: Key, size: Size ?? 0, lastModified: LastModified ?? new Date(0) }],
  );
}

async function deleteObjects(client: S3Client, bucket: string, keys: readonly string[], signal?: AbortSignal) {
  for (let start = 0; start < keys.length; start += deleteBatch) {
    const objects = keys.slice(start, start + deleteBatch).map((Key) => ({ Key }));
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } });
    const answer = await client.send(command, sendOptions(signal));
    const [failed] = answer.Errors ?? [];
    if (failed !== undefined) throw new StoreError('denied', `${failed.Key}: ${failed.Code}: ${failed.Message}`);
  }
}
