import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import { kinds } from '../../kinds.ts';
import { issueCA, issueLeaf, type KeyPair } from '../../pki/issue.ts';
import type { Action } from '../actions.ts';
import { ownedMeta } from '../builders/metadata.ts';
import { encoded } from '../builders/secrets.ts';
import type { ActContext } from './context.ts';
import { createOnce } from './credentials.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export const certificates = {
  async issueCA(context: ActContext, { secret: name, renew }: Of<'issueCA'>): Promise<void> {
    const { cluster, config } = context;
    const subject = { commonName: cluster.metadata.name, organizationalUnit: cluster.metadata.namespace };
    const validity = { now: context.now(), days: config.certificateDuration };
    if (renew) {
      const key = textOf(await readSecret(context, name), 'ca.key');
      await writeData(context, name, { 'ca.crt': issueCA(subject, validity, key).cert });
      return;
    }
    const { cert, key } = issueCA(subject, validity);
    const metadata = ownedMeta({ cluster, config }, { name });
    await createOnce(context, { metadata, type: 'Opaque', data: encoded({ 'ca.crt': cert, 'ca.key': key }) });
  },

  async issueLeaf(context: ActContext, { request }: Of<'issueLeaf'>): Promise<void> {
    const { cluster, config } = context;
    const caSecret = await readSecret(context, request.ca);
    const ca: KeyPair = { cert: textOf(caSecret, 'ca.crt'), key: textOf(caSecret, 'ca.key') };
    const validity = { now: context.now(), days: config.certificateDuration };
    if (request.renew) {
      const key = textOf(await readSecret(context, request.secret), 'tls.key');
      await writeData(context, request.secret, { 'tls.crt': issueLeaf(request, ca, validity, key).cert });
      return;
    }
    const { cert, key } = issueLeaf(request, ca, validity);
    const metadata = ownedMeta({ cluster, config }, { name: request.secret, labels: { ...request.labels } });
    await createOnce(context, {
      metadata,
      type: 'kubernetes.io/tls',
      data: encoded({ 'tls.crt': cert, 'tls.key': key }),
    });
  },
} as const;

/** Private keys are read when they are needed and never kept. */
function readSecret({ client, cluster, signal }: ActContext, name: string): Promise<Secret> {
  return client.get(kinds.secrets, { name, namespace: cluster.metadata.namespace }, { signal });
}

function textOf(secret: Secret, key: string): string {
  const value = secret.data?.[key];
  if (value === undefined) throw new Error(`secret ${secret.metadata?.name}: the key ${key} is missing`);
  return Buffer.from(value, 'base64').toString('utf8');
}

async function writeData(context: ActContext, name: string, data: Record<string, string>): Promise<void> {
  const { client, cluster, signal } = context;
  const patch = { type: 'merge', body: { data: encoded(data) } } as const;
  const written = await client.patch(kinds.secrets, { name, namespace: cluster.metadata.namespace }, patch, { signal });
  context.wrote('secrets', written);
}
