import { isAlreadyExists } from '@matriarch/kubernetes';
import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import { kinds } from '../../kinds.ts';
import { generatePassword } from '../../pki/password.ts';
import type { Action } from '../actions.ts';
import { managedBy, owner } from '../builders/metadata.ts';
import { buildCredentialsSecret } from '../builders/secrets.ts';
import type { ActContext } from './context.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export const credentials = {
  async createCredentials(context: ActContext, { request }: Of<'createCredentials'>): Promise<void> {
    const { cluster, config } = context;
    await createOnce(context, buildCredentialsSecret({ cluster, config }, request, generatePassword()));
  },

  async copyPullSecret(context: ActContext, { name }: Of<'copyPullSecret'>): Promise<void> {
    const { cluster, config, client } = context;
    const source = await client.get(kinds.secrets, {
      name: config.pullSecretName,
      namespace: config.operatorNamespace,
    });
    const { namespace } = cluster.metadata;
    const metadata = { name, namespace, labels: managedBy, ownerReferences: [owner(cluster)] };
    await createOnce(context, {
      metadata,
      ...(source.type ? { type: source.type } : {}),
      ...(source.data ? { data: source.data } : {}),
    });
  },
} as const;

/** A secret that is there already keeps its contents. */
export async function createOnce(context: ActContext, secret: Secret): Promise<void> {
  try {
    context.wrote('secrets', await context.client.create(kinds.secrets, secret, { signal: context.signal }));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
