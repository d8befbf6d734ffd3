import type { Readable } from 'node:stream';

/** One listed object. */
export interface ObjectEntry {
  key: string;
  size: number;
  lastModified: Date;
}

/** A listing with delimiter `/`: objects at this level and the "directories" (common prefixes) below it. */
export interface Listing {
  objects: ObjectEntry[];
  prefixes: string[];
}

export interface PutOptions {
  /** Server-side encryption as the provider names it, e.g. `AES256`. */
  encryption?: string | undefined;
  kmsKeyId?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  signal?: AbortSignal | undefined;
}

export interface StreamPutOptions extends PutOptions {
  /** Bytes of a multipart part; the last one may be smaller. */
  partSize: number;
}

/**
 * The object store as the backup engine sees it: keys are relative to the bucket. Every method rejects with a
 * StoreError and bounds each request by its own time limit.
 */
export interface ObjectStore {
  /** For messages, e.g. `s3://bucket`. */
  readonly url: string;
  /** Writes a small object whole; it is either there completely or not at all. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<void>;
  /** Writes a stream as multipart upload; aborted and removed when the stream fails. Resolves to the bytes written. */
  putStream(key: string, body: AsyncIterable<Uint8Array>, options: StreamPutOptions): Promise<number>;
  /** Opens an object for reading; rejects with kind `notFound` where there is none. */
  get(key: string, options?: { signal?: AbortSignal | undefined }): Promise<{ size: number; body: Readable }>;
  /** Size of an object, undefined where there is none. */
  head(key: string, options?: { signal?: AbortSignal | undefined }): Promise<number | undefined>;
  /** All objects below the prefix, in key order, a page at a time. */
  list(prefix: string, options?: { signal?: AbortSignal | undefined }): AsyncIterable<ObjectEntry>;
  /** One level below the prefix, which ends in `/` or is empty. */
  listLevel(prefix: string, options?: { signal?: AbortSignal | undefined }): Promise<Listing>;
  /** Removes objects; one that is not there is no error. */
  delete(keys: readonly string[], options?: { signal?: AbortSignal | undefined }): Promise<void>;
  close(): void;
}

/**
 * - `notFound`: the object is not there.
 * - `bucketMissing`: the bucket is not there.
 * - `denied`: the credentials are wrong, missing or not sufficient.
 * - `unreachable`: network, time-out or a server error; worth another try.
 * - `invalid`: the configuration or the request is wrong.
 */
export type StoreErrorKind = 'notFound' | 'bucketMissing' | 'denied' | 'unreachable' | 'invalid';

export class StoreError extends Error {
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}

/** Whether an error says that the object (not the bucket) is missing. */
export function isMissing(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'notFound';
}
