import { integer, object, type Static, string } from '../schema/nodes.ts';

const secret = (description: string) =>
  object(description, { name: string('Its name.'), version: string('Its version.') });

export const poolerStatus = object('What the pooler is.', {
  error: string('Why the description is not valid.'),
  image: string('Image in use.'),
  instances: integer('Number of pods.', { format: 'int32' }),
  phase: string('Whether the pooler works.', { enum: ['active', 'paused', 'inactive', 'failed'] }),
  phaseReason: string('Why.'),
  secrets: object('Secrets in use.', {
    clientCA: secret('CA of client certificates.'),
    clientTLS: secret('Certificate shown to clients.'),
    pgBouncerSecrets: object('Secrets of the authentication.', { authQuery: secret('User that runs authQuery.') }),
    serverCA: secret('CA of the PostgreSQL servers.'),
    serverTLS: secret('Certificate shown to the PostgreSQL servers.'),
  }),
});
export type PoolerStatus = Static<typeof poolerStatus>;
