import type { Cluster } from '@matriarch/api';
import { controllerOf, isControlledBy } from '@matriarch/kubernetes';
import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import type { SecretFacts } from '../snapshot.ts';

export function secretFacts(secret: Secret, cluster: Cluster): SecretFacts {
  const { name = '', resourceVersion = '', labels = {}, annotations = {} } = secret.metadata ?? {};
  const data = secret.data ?? {};
  const caCertificate = decoded(data['ca.crt']);
  const certificate = decoded(data['tls.crt']);
  return {
    name,
    resourceVersion,
    type: secret.type ?? '',
    owned: isControlledBy(secret, cluster),
    ownedByCluster: controllerOf(secret)?.kind === 'Cluster',
    keys: Object.keys(data),
    ...(caCertificate ? { caCertificate } : {}),
    ...(certificate ? { certificate } : {}),
    labels,
    annotations,
  };
}

function decoded(value: string | undefined): string | undefined {
  return value ? Buffer.from(value, 'base64').toString('utf8') : undefined;
}
