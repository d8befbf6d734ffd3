import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { StoreConfig } from '../config.ts';

/** Used where neither the credentials nor the environment name a region; S3 alternatives ignore it. */
const fallbackRegion = 'us-east-1';

/** A client for the store's endpoint and credentials. `sockets` bounds its connections. */
export function createS3Client(config: StoreConfig, sockets: number): S3Client {
  const agent = { keepAlive: true, maxSockets: sockets };
  const settings: S3ClientConfig = {
    region: regionOf(config),
    maxAttempts: 4,
    // Where the endpoint is the user's own, buckets are path components; Amazon's take virtual hosts.
    forcePathStyle: config.endpointUrl !== undefined || process.env.AWS_ENDPOINT_URL !== undefined,
    requestHandler: {
      connectionTimeout: 10_000,
      // Time without a byte; the SDK's requestTimeout only warns.
      socketTimeout: 60_000,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent({ ...agent, ca: config.endpointCa }),
    },
  };
  if (config.endpointUrl !== undefined) settings.endpoint = config.endpointUrl;
  if (config.credentials.kind === 's3-keys') {
    const { accessKeyId, secretAccessKey, sessionToken } = config.credentials;
    settings.credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  }
  return new S3Client(settings);
}

function regionOf(config: StoreConfig): string {
  const own = config.credentials.kind === 's3-keys' ? config.credentials.region : undefined;
  return own ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? fallbackRegion;
}
