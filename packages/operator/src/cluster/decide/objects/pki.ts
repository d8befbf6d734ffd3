import {
  type Cluster,
  clientCASecretName,
  clusterEvents,
  databaseUsers,
  isAutomaticIntegration,
  labels,
  poolerAuthSecretName,
  readWriteServiceName,
  replicationSecretName,
  serverAltDnsNames,
  serverCASecretName,
  serverTLSSecretName,
} from '@matriarch/api';
import { type CertificateFacts, isExpiring, readCertificate, sameNames } from '../../../pki/facts.ts';
import type { LeafRequest } from '../../../pki/requests.ts';
import type { SecretFacts } from '../../snapshot.ts';
import { type Draft, event } from '../draft.ts';

/**
 * The secrets with certificates. What the user names must be there and fit; the rest is issued, and renewed in good
 * time with the key it has. The result says what is wrong, if anything.
 */
export function decidePki(draft: Draft): string | undefined {
  const { cluster } = draft.snapshot;
  const serverCA = serverCASecretName(cluster);
  const clientCA = clientCASecretName(cluster);
  const server = {
    ca: serverCA,
    secret: serverTLSSecretName(cluster),
    own: cluster.spec.certificates?.serverTLSSecret,
  };
  const client = {
    ca: clientCA,
    secret: replicationSecretName(cluster),
    own: cluster.spec.certificates?.replicationTLSSecret,
  };
  return (
    decideCA(draft, serverCA, { needsKey: !server.own, side: 'server' }) ??
    (clientCA === serverCA ? undefined : decideCA(draft, clientCA, { needsKey: !client.own, side: 'client' })) ??
    decideLeaf(draft, { ...server, request: serverRequest(draft, server) }) ??
    decideLeaf(draft, { ...client, request: clientRequest(client, databaseUsers.replication) }) ??
    decidePoolerCertificate(draft, clientCA)
  );
}

function isOurs(cluster: Cluster, secret: string): boolean {
  return secret === `${cluster.metadata.name}-ca`;
}

function decideCA(
  draft: Draft,
  name: string,
  { needsKey, side }: { needsKey: boolean; side: string },
): string | undefined {
  const { secrets, cluster, now, config } = draft.snapshot;
  const secret = secrets.get(name);
  if (!secret) {
    if (isOurs(cluster, name)) {
      draft.actions.push({ kind: 'issueCA', secret: name, renew: false });
      return undefined;
    }
    event(draft, 'Warning', clusterEvents.secretNotFound, `Getting secret ${name}`);
    return `secret ${name} does not exist; create it with ca.crt${needsKey ? ' and ca.key' : ''}`;
  }
  const facts = readCertificate(secret.caCertificate);
  if (!facts || (needsKey && !secret.keys.includes('ca.key'))) {
    event(draft, 'Warning', clusterEvents.invalidCASecret, `Parsing ${side} secret ${name}`);
    return `secret ${name}: ${facts ? 'ca.key is missing, and a certificate has to be signed' : 'ca.crt is not a PEM certificate'}`;
  }
  if (isExpiring(facts, now, config.renewalThreshold)) {
    if (secret.owned) draft.actions.push({ kind: 'issueCA', secret: name, renew: true });
    else event(draft, 'Warning', clusterEvents.secretIsExpiring, `Checking expiring date of secret ${name}`);
  }
  return undefined;
}

interface Leaf {
  secret: string;
  ca: string;
  /** Name given by the user. */
  own: string | undefined;
  request: Omit<LeafRequest, 'renew'>;
}

function decideLeaf(draft: Draft, leaf: Leaf): string | undefined {
  const { secrets, now, config } = draft.snapshot;
  const secret = secrets.get(leaf.secret);
  const facts = readCertificate(secret?.certificate);
  if (leaf.own) return checkOwnLeaf(draft, leaf, secret, facts);
  if (!secret) {
    draft.actions.push({ kind: 'issueLeaf', request: { ...leaf.request, renew: false } });
    return undefined;
  }
  if (!secret.owned) return undefined;
  const ca = readCertificate(secrets.get(leaf.ca)?.caCertificate);
  const stale =
    !facts ||
    isExpiring(facts, now, config.renewalThreshold) ||
    !sameNames(facts.altNames, leaf.request.altNames) ||
    (ca !== undefined && !facts.certificate.verify(ca.certificate.publicKey));
  if (stale) draft.actions.push({ kind: 'issueLeaf', request: { ...leaf.request, renew: true } });
  return undefined;
}

function checkOwnLeaf(
  draft: Draft,
  leaf: Leaf,
  secret: SecretFacts | undefined,
  facts: CertificateFacts | undefined,
): string | undefined {
  if (!secret) {
    event(draft, 'Warning', clusterEvents.secretNotFound, `Getting secret ${leaf.secret}`);
    return `secret ${leaf.secret} does not exist; create it with tls.crt and tls.key`;
  }
  const ca = readCertificate(draft.snapshot.secrets.get(leaf.ca)?.caCertificate);
  if (!facts || !secret.keys.includes('tls.key'))
    return `secret ${leaf.secret}: tls.crt and tls.key must both be there`;
  if (ca && !facts.certificate.verify(ca.certificate.publicKey)) {
    return `secret ${leaf.secret}: tls.crt was not signed by the CA of secret ${leaf.ca}`;
  }
  return undefined;
}

function serverRequest(
  { snapshot }: Draft,
  { ca, secret }: { ca: string; secret: string },
): Omit<LeafRequest, 'renew'> {
  const { cluster, config } = snapshot;
  const commonName = readWriteServiceName(cluster);
  const names = serverAltDnsNames(cluster, config);
  return { secret, ca, commonName, usage: 'serverAuth', altNames: [...new Set([commonName, ...names])] };
}

function clientRequest({ ca, secret }: { ca: string; secret: string }, commonName: string): Omit<LeafRequest, 'renew'> {
  return { secret, ca, commonName, usage: 'clientAuth', altNames: [] };
}

/** Only when a Pooler relies on us for its login. */
function decidePoolerCertificate(draft: Draft, ca: string): string | undefined {
  const { cluster, poolers } = draft.snapshot;
  const wanted = poolers.some(
    (pooler) => pooler.spec.cluster.name === cluster.metadata.name && isAutomaticIntegration(pooler),
  );
  if (!wanted) return undefined;
  const secret = poolerAuthSecretName(cluster.metadata.name);
  const request = { ...clientRequest({ ca, secret }, databaseUsers.pooler), labels: { [labels.reload]: 'true' } };
  return decideLeaf(draft, { secret, ca, own: undefined, request });
}
