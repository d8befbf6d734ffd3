/** Service account tokens for pods, kept until most of their life is over. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Api } from '../runtime/api.ts';
import { SERVICE_ACCOUNTS, type Stored } from '../runtime/resources.ts';
import type { Clock } from '../runtime/time.ts';

interface TokenRequestAnswer {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
}

interface Held {
  readonly token: string;
  readonly renewAt: number;
}

export interface TokenSource {
  token(audience: string | undefined, expirationSeconds: number): Promise<string>;
  /** When the next token must be renewed; undefined without tokens. */
  renewAt(): number | undefined;
}

const RENEW_AT_SHARE = 0.8;

export function createTokenSource(api: Api, podNow: () => Stored<Pod>, clock: Clock): TokenSource {
  const held = new Map<string, Held>();
  const request = async (audience: string | undefined, expirationSeconds: number): Promise<Held> => {
    const pod = podNow();
    const key = { namespace: pod.metadata.namespace ?? '', name: pod.spec?.serviceAccountName ?? 'default' };
    const answer = await api.createSubresource<unknown, TokenRequestAnswer>(SERVICE_ACCOUNTS, key, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        ...(audience === undefined || audience === '' ? {} : { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
      },
    });
    const { token, expirationTimestamp } = answer.status ?? {};
    if (token === undefined) throw new Error(`no token for service account ${key.namespace}/${key.name}`);
    const now = clock.now();
    const ends = expirationTimestamp === undefined ? now + expirationSeconds * 1000 : Date.parse(expirationTimestamp);
    return { token, renewAt: now + (ends - now) * RENEW_AT_SHARE };
  };
  return {
    token: async (audience, expirationSeconds) => {
      const id = `${audience ?? ''} ${expirationSeconds}`;
      const known = held.get(id);
      if (known && known.renewAt > clock.now()) return known.token;
      const fresh = await request(audience, expirationSeconds);
      held.set(id, fresh);
      return fresh.token;
    },
    renewAt: () => {
      const times = [...held.values()].map(({ renewAt }) => renewAt);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}
