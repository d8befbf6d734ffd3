import { StoreError, type StoreErrorKind } from '../store.ts';

const deniedNames = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'Forbidden',
  'InvalidAccessKeyId',
  'InvalidIdentityToken',
  'InvalidToken',
  'SignatureDoesNotMatch',
]);

function kindOf(name: string, status: number | undefined): StoreErrorKind {
  if (name === 'NoSuchBucket') return 'bucketMissing';
  if (name === 'NoSuchKey' || name === 'NotFound' || name === 'NoSuchUpload') return 'notFound';
  if (deniedNames.has(name) || status === 401 || status === 403) return 'denied';
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) return 'invalid';
  return 'unreachable';
}

const remedies: Record<StoreErrorKind, string> = {
  notFound: '',
  bucketMissing: '; create the bucket or correct destinationPath',
  denied: '; check the credentials of the object store, or the role of the service account and its trust policy',
  unreachable: '; check endpointURL and the network; the request is tried again later',
  invalid: '',
};

/** Turns what the SDK threw into a StoreError that says what was done, what the server said and what to do. */
export function toStoreError(action: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const thrown = error as { name?: string; message?: string; $metadata?: { httpStatusCode?: number } };
  const name = thrown.name ?? 'Error';
  const kind = kindOf(name, thrown.$metadata?.httpStatusCode);
  const detail = (thrown.message ?? '').replace(/\.$/, '');
  const said = detail !== '' && detail !== name ? `${name}: ${detail}` : name;
  return new StoreError(kind, `${action} failed: ${said}${remedies[kind]}`, { cause: error });
}
