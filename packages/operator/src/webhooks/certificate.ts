import { type Client, isAlreadyExists, isNotFound, type KubernetesObject } from '@matriarch/kubernetes';
import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import { encoded } from '../cluster/builders/secrets.ts';
import type { OperatorConfig } from '../config/schema.ts';
import { kinds } from '../kinds.ts';
import { isExpiring, readCertificate, sameNames } from '../pki/facts.ts';
import { issueCA, issueLeaf, type KeyPair } from '../pki/issue.ts';

const caSecret = 'cnpg-ca-secret';
const certificateSecret = 'cnpg-webhook-cert';
const deployment = 'cnpg-controller-manager';
export const webhookService = 'cnpg-webhook-service';

/** The webhook's certificate under our own CA, both kept in Secrets and renewed in time. */
export async function ensureWebhookCertificate(client: Client, config: OperatorConfig, now: number): Promise<KeyPair> {
  const owners = await ownerOf(client, config.operatorNamespace);
  const validity = { now, days: config.certificateDuration };
  const ca = await keep(client, config, now, {
    name: caSecret,
    type: 'Opaque',
    keys: ['ca.crt', 'ca.key'],
    owners,
    fits: () => true,
    issue: (key) => issueCA({ commonName: caSecret, organizationalUnit: config.operatorNamespace }, validity, key),
  });
  const commonName = `${webhookService}.${config.operatorNamespace}.svc`;
  return keep(client, config, now, {
    name: certificateSecret,
    type: 'kubernetes.io/tls',
    keys: ['tls.crt', 'tls.key'],
    owners,
    fits: ({ cert }) => {
      const facts = readCertificate(cert);
      const issuer = readCertificate(ca.cert);
      return (
        !!facts &&
        !!issuer &&
        sameNames(facts.altNames, [commonName]) &&
        facts.certificate.verify(issuer.certificate.publicKey)
      );
    },
    issue: (key) => {
      const leaf = issueLeaf({ commonName, usage: 'serverAuth', altNames: [commonName] }, ca, validity, key);
      // With the CA behind it, the same text serves as trust bundle for every TLS library.
      return { cert: leaf.cert + ca.cert, key: leaf.key };
    },
  });
}

interface Kept {
  name: string;
  type: string;
  keys: readonly [string, string];
  owners: OwnerReference[];
  fits: (pair: KeyPair) => boolean;
  issue: (key?: string) => KeyPair;
}

async function keep(client: Client, config: OperatorConfig, now: number, kept: Kept): Promise<KeyPair> {
  const target = { name: kept.name, namespace: config.operatorNamespace };
  const existing = await readOr(() => client.get(kinds.secrets, target));
  const pair = existing && readPair(existing, kept.keys);
  const facts = readCertificate(pair?.cert);
  if (pair && facts && !isExpiring(facts, now, config.renewalThreshold) && kept.fits(pair)) return pair;
  const next = kept.issue(pair?.key);
  const data = encoded({ [kept.keys[0]]: next.cert, [kept.keys[1]]: next.key });
  if (existing) {
    await client.patch(kinds.secrets, target, { type: 'merge', body: { data } });
    return next;
  }
  try {
    await client.create(kinds.secrets, {
      metadata: { ...target, ownerReferences: kept.owners },
      type: kept.type,
      data,
    });
    return next;
  } catch (error) {
    // Another replica of the operator was faster: use what it made.
    if (!isAlreadyExists(error)) throw error;
    return keep(client, config, now, kept);
  }
}

function readPair(secret: Secret, [certKey, keyKey]: readonly [string, string]): KeyPair | undefined {
  const text = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
  const pair = { cert: text(certKey), key: text(keyKey) };
  return pair.cert && pair.key ? pair : undefined;
}

async function ownerOf(client: Client, namespace: string): Promise<OwnerReference[]> {
  const found = await readOr(() => client.get(kinds.deployments, { name: deployment, namespace }));
  const uid = found?.metadata?.uid;
  return uid ? [{ apiVersion: 'apps/v1', kind: 'Deployment', name: deployment, uid }] : [];
}

export async function readOr<T extends KubernetesObject>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
