/** How to reach a store: the `barmanObjectStore` stanza with its secrets already read. */
export interface StoreConfig {
  destinationPath: string;
  /** Name of the server's folder below the destination. */
  serverName: string;
  endpointUrl?: string | undefined;
  /** PEM of the certificate authority of the endpoint. */
  endpointCa?: string | undefined;
  credentials: S3Credentials;
  wal?: WalOptions | undefined;
  data?: DataOptions | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  historyTags?: Readonly<Record<string, string>> | undefined;
}

export type S3Credentials =
  | { kind: 's3-keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string; region?: string }
  /** The default chain of the process: web identity (IRSA), Pod identity, instance metadata. */
  | { kind: 's3-role' };

export interface WalOptions {
  compression?: Compression | undefined;
  encryption?: string | undefined;
  maxParallel?: number | undefined;
}

export interface DataOptions {
  compression?: Compression | undefined;
  encryption?: string | undefined;
  jobs?: number | undefined;
  immediateCheckpoint?: boolean | undefined;
}

export type Compression = 'gzip' | 'bzip2' | 'snappy' | 'lz4' | 'xz' | 'zstd';
