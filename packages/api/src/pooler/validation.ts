// Validation of Poolers.
import { type FieldError, invalid, isSet, missing } from '../validation/errors.ts';
import { isAutomaticIntegration } from './effective.ts';
import type { Pooler } from './kind.ts';
import { pgbouncerParameters } from './parameters.ts';

type PoolerRule = (pooler: Pooler) => readonly FieldError[];

const hasAuthSecret = ({ authQuerySecret, serverTLSSecret }: Pooler['spec']['pgbouncer']) =>
  isSet(authQuerySecret?.name) || isSet(serverTLSSecret?.name);

export const authentication: PoolerRule = ({ spec: { pgbouncer } }) => {
  if (hasAuthSecret(pgbouncer) && !isSet(pgbouncer.authQuery)) {
    return [invalid('spec.pgbouncer.authQuery', '', 'give the query, or remove authQuerySecret and serverTLSSecret')];
  }
  if (isSet(pgbouncer.authQuery) && !hasAuthSecret(pgbouncer)) {
    const detail = 'name this Secret or serverTLSSecret, or remove authQuery';
    return [invalid('spec.pgbouncer.authQuerySecret.name', '', detail)];
  }
  return [];
};

export const parameters: PoolerRule = ({ spec: { pgbouncer } }) =>
  Object.keys(pgbouncer.parameters ?? {})
    .filter((name) => !pgbouncerParameters.has(name))
    .map((name) => {
      const detail = 'spec.pgbouncer.parameters: remove it; it is not a parameter of PgBouncer that can be set here';
      return invalid('spec.cluster.parameters', name, detail);
    });

export const cluster: PoolerRule = ({ metadata, spec }) => {
  const { name } = spec.cluster;
  if (name === '') return [invalid('spec.cluster.name', name, 'name the cluster')];
  return name === metadata.name ? [invalid('metadata.name', name, 'choose a name other than that of the cluster')] : [];
};

export const metricsCertificate: PoolerRule = ({ spec: { monitoring, pgbouncer } }) => {
  if (monitoring?.tls?.enabled !== true || monitoring.enablePodMonitor !== true) return [];
  if (isSet(pgbouncer.clientTLSSecret?.name)) return [];
  return [missing('spec.pgbouncer.clientTLSSecret', 'name the Secret that the PodMonitor trusts the metrics by')];
};

export function validatePooler(pooler: Pooler): FieldError[] {
  // Only an object that came past the schema can lack it.
  const { pgbouncer } = pooler.spec as Partial<Pooler['spec']>;
  if (pgbouncer === undefined) return [invalid('spec.pgbouncer', null, 'give at least {}')];
  return [authentication, parameters, cluster, metricsCertificate].flatMap((rule) => rule(pooler));
}

export function poolerWarnings(pooler: Pooler): string[] {
  const { pgbouncer, monitoring } = pooler.spec as Partial<Pooler['spec']>;
  if (pgbouncer === undefined) return [];
  return [
    ...(isAutomaticIntegration(pooler)
      ? []
      : ['spec.pgbouncer: the operator does not set up authentication in the cluster; do so yourself']),
    ...(isSet(pgbouncer.authQuerySecret?.name)
      ? ['spec.pgbouncer.authQuerySecret: is deprecated; use serverTLSSecret']
      : []),
    ...(monitoring?.enablePodMonitor === true
      ? ['spec.monitoring.enablePodMonitor: is deprecated; make a PodMonitor yourself']
      : []),
    ...(['podMonitorMetricRelabelings', 'podMonitorRelabelings'] as const)
      .filter((field) => (monitoring?.[field] ?? []).length > 0)
      .map((field) => `spec.monitoring.${field}: is deprecated; put the relabeling into a PodMonitor of your own`),
  ];
}
