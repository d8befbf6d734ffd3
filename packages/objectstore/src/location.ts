import { StoreError } from './store.ts';

/** Where a server's objects are: bucket and the prefix of every key, without a `/` at its end, possibly empty. */
export interface Location {
  bucket: string;
  prefix: string;
}

/**
 * Reads `s3://BUCKET[/path]`.
 * @throws StoreError `invalid` for another scheme or an empty bucket.
 */
export function parseS3Destination(destinationPath: string): Location {
  const match = /^s3:\/\/([^/]+)\/*(.*)$/.exec(destinationPath);
  const [, bucket, path] = match ?? [];
  if (bucket === undefined || path === undefined) {
    throw new StoreError(
      'invalid',
      `destinationPath "${destinationPath}" is not an S3 address; write s3://BUCKET or s3://BUCKET/PATH`,
    );
  }
  return { bucket, prefix: path.replace(/\/$/, '') };
}

/** Joins key components with exactly one `/`; empty ones add nothing. */
export function joinKey(...components: string[]): string {
  return components.filter((component) => component !== '').join('/');
}
