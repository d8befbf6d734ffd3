import type { BarmanObjectStore, KeySelector } from '@matriarch/api';
import type { Compression, S3Credentials, StoreConfig } from '@matriarch/objectstore';
import { type SecretReader, secretText } from '../secrets.ts';

/** The place and the credentials of a store, as `spec.backup`, external clusters and Backup objects name them. */
export type StorePlace = Omit<BarmanObjectStore, 'destinationPath'> & { readonly destinationPath?: string | undefined };

/** Reads the secrets of a `barmanObjectStore` stanza. `server` is its folder when the stanza names none. */
export async function storeConfig(place: StorePlace, server: string, secrets: SecretReader): Promise<StoreConfig> {
  const { destinationPath = '', endpointCA, wal, data } = place;
  if (place.azureCredentials !== undefined || place.googleCredentials !== undefined) {
    throw new Error(`object store ${destinationPath}: only S3 is served by this manager; use s3Credentials`);
  }
  return {
    destinationPath,
    serverName: place.serverName || server,
    endpointUrl: place.endpointURL || undefined,
    endpointCa: await keyText(endpointCA, secrets),
    credentials: await s3Credentials(place, secrets),
    tags: place.tags,
    historyTags: place.historyTags,
    wal: {
      compression: compressionOf(wal?.compression),
      encryption: wal?.encryption || undefined,
      maxParallel: wal?.maxParallel,
    },
    data: {
      compression: compressionOf(data?.compression),
      encryption: data?.encryption || undefined,
      jobs: data?.jobs,
      immediateCheckpoint: data?.immediateCheckpoint,
    },
  };
}

const compressions: readonly Compression[] = ['gzip', 'bzip2', 'snappy', 'lz4', 'xz', 'zstd'];

function compressionOf(name: string | undefined): Compression | undefined {
  return compressions.find((known) => known === name);
}

async function keyText(selector: KeySelector | undefined, secrets: SecretReader): Promise<string | undefined> {
  const name = selector?.name ?? '';
  return selector === undefined || name === '' ? undefined : secretText(secrets, name, selector.key);
}

/** Keys from Secrets, or the role of the pod. */
async function s3Credentials(place: StorePlace, secrets: SecretReader): Promise<S3Credentials> {
  const given = place.s3Credentials;
  if (given === undefined || given.inheritFromIAMRole === true) return { kind: 's3-role' };
  const accessKeyId = await keyText(given.accessKeyId, secrets);
  const secretAccessKey = await keyText(given.secretAccessKey, secrets);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('s3Credentials: give accessKeyId and secretAccessKey, or set inheritFromIAMRole: true');
  }
  const sessionToken = await keyText(given.sessionToken, secrets);
  const region = await keyText(given.region, secrets);
  return {
    kind: 's3-keys',
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(region === undefined ? {} : { region }),
  };
}
