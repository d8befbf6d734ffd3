// What holds for a pooler when it does not say it.

import {
  clientCASecretName,
  poolerAuthSecretName,
  serverCASecretName,
  serverTLSSecretName,
} from '../cluster/effective/names.ts';
import type { Cluster } from '../cluster/kind.ts';
import type { Pooler } from './kind.ts';

export const defaultAuthQuery = 'SELECT usename, passwd FROM public.user_search($1)';

/** Whether the operator sets up the authentication of the pooler inside the cluster. */
export function isAutomaticIntegration(pooler: Pooler): boolean {
  const { authQuery, authQuerySecret, serverTLSSecret } = pooler.spec.pgbouncer;
  return !authQuery && !authQuerySecret?.name && !serverTLSSecret?.name;
}

export const authQuery = (pooler: Pooler): string => pooler.spec.pgbouncer.authQuery || defaultAuthQuery;
export const isPaused = (pooler: Pooler): boolean => pooler.spec.pgbouncer.paused ?? false;
export const poolerServiceAccountName = (pooler: Pooler): string =>
  pooler.spec.serviceAccountName || pooler.metadata.name;
export const isPoolerMetricsTlsEnabled = (pooler: Pooler): boolean => pooler.spec.monitoring?.tls?.enabled ?? false;

export interface PoolerSecretNames {
  readonly authQuery: string;
  readonly serverCA: string;
  readonly clientCA: string;
  readonly clientTLS: string;
  readonly serverTLS?: string;
}

/** Secrets that the pooler uses: its own ones, else those of the cluster. */
export function poolerSecretNames(pooler: Pooler, cluster: Cluster): PoolerSecretNames {
  const { authQuerySecret, serverTLSSecret, serverCASecret, clientCASecret, clientTLSSecret } = pooler.spec.pgbouncer;
  return {
    authQuery: authQuerySecret?.name || poolerAuthSecretName(cluster.metadata.name),
    serverCA: serverCASecret?.name || serverCASecretName(cluster),
    clientCA: clientCASecret?.name || clientCASecretName(cluster),
    clientTLS: clientTLSSecret?.name || serverTLSSecretName(cluster),
    ...(serverTLSSecret?.name ? { serverTLS: serverTLSSecret.name } : {}),
  };
}
