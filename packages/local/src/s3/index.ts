export { generateKeys, type SecretKeys } from './credentials.ts';
export type { Role, WebIdentity } from './roles.ts';
export { createS3Server, type S3Server, type S3ServerOptions } from './server.ts';
