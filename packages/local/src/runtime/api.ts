/**
 * What controllers, scheduler and node ask of the API server, in process. Objects returned may be shared: never change them.
 * A refused request throws an error that carries `code` and `reason` as the wire has them.
 */
import type { Key, Resource, Stored } from './resources.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored<T>;
}

export interface DeleteRequest {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

export type Subresource = 'status' | 'token' | 'binding' | 'finalize' | 'scale';

/** One user's view of the API server; `as` gives the same for another user. */
export interface Api {
  /** The name is the user `system:<name>` and the field manager. */
  as(name: string): Api;
  get<T>(resource: Resource<T>, key: Key): Promise<Stored<T> | undefined>;
  list<T>(resource: Resource<T>, namespace?: string): readonly Stored<T>[];
  /** Tells of every object that is there, at once, then of each change right after its write. Returns what ends it. */
  watch<T>(resource: Resource<T>, onEvent: (event: WatchEvent<T>) => void): () => void;
  create<T>(resource: Resource<T>, namespace: string, object: T): Promise<Stored<T>>;
  /** Writes the whole object; its resourceVersion must still hold. */
  update<T>(resource: Resource<T>, object: Stored<T>): Promise<Stored<T>>;
  updateSubresource<T>(resource: Resource<T>, object: Stored<T>, subresource: Subresource): Promise<Stored<T>>;
  /** A JSON merge patch. */
  patch<T>(resource: Resource<T>, key: Key, patch: object, subresource?: Subresource): Promise<Stored<T>>;
  /** POST to a subresource such as `serviceaccounts/token`. */
  createSubresource<T, R>(resource: Resource<T>, key: Key, subresource: Subresource, body: object): Promise<R>;
  delete<T>(resource: Resource<T>, key: Key, request?: DeleteRequest): Promise<void>;
}

function field(error: unknown, name: 'code' | 'reason'): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}

export function isNotFound(error: unknown): boolean {
  return field(error, 'code') === 404;
}

export function isAlreadyExists(error: unknown): boolean {
  return field(error, 'code') === 409 && field(error, 'reason') === 'AlreadyExists';
}

/** The object changed meanwhile: read it again and decide anew. */
export function isConflict(error: unknown): boolean {
  return field(error, 'code') === 409 && field(error, 'reason') !== 'AlreadyExists';
}

export function isForbidden(error: unknown): boolean {
  return field(error, 'code') === 403;
}

/** Awaits a write that is already done when the object is gone. */
export async function ignoreNotFound(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
