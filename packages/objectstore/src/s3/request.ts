import type { PutOptions } from '../store.ts';

/** Fields of a write that ask for server-side encryption. */
export function encryptionFields(options: PutOptions): {
  ServerSideEncryption?: 'AES256' | 'aws:kms';
  SSEKMSKeyId?: string;
} {
  if (options.encryption === undefined) return {};
  const fields = { ServerSideEncryption: options.encryption as 'AES256' | 'aws:kms' };
  return options.kmsKeyId === undefined ? fields : { ...fields, SSEKMSKeyId: options.kmsKeyId };
}

/** The `x-amz-tagging` header: tags as a URL query. */
export function taggingHeader(tags: Readonly<Record<string, string>> | undefined): { Tagging?: string } {
  const pairs = Object.entries(tags ?? {});
  if (pairs.length === 0) return {};
  return { Tagging: pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&') };
}

/** Options of `client.send`. */
export function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
