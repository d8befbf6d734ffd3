import { annotations, serviceAccountName } from '@matriarch/api';
import type { ServiceAccount } from 'kubernetes-types/core/v1.d.ts';
import type { RoleBinding } from 'kubernetes-types/rbac/v1.d.ts';
import { type BuildContext, inheritedMeta, managedBy, ownedMeta } from './metadata.ts';

/** The ServiceAccount of the pods; `pullSecret` is our copy of the operator's own, if there is one. */
export function buildServiceAccount(context: BuildContext, pullSecret?: string): ServiceAccount {
  const { cluster } = context;
  const template = cluster.spec.serviceAccountTemplate?.metadata;
  const own = (cluster.spec.imagePullSecrets ?? []).map(({ name }) => name);
  const names = [...new Set([...(pullSecret ? [pullSecret] : []), ...own])];
  const metadata = inheritedMeta(context, {
    name: cluster.metadata.name,
    labels: { ...template?.labels, ...managedBy },
    annotations: {
      ...template?.annotations,
      [annotations.managedSecrets]: JSON.stringify(names.length === 0 ? null : names),
    },
  });
  return {
    metadata,
    automountServiceAccountToken: false,
    ...(names.length === 0 ? {} : { imagePullSecrets: names.map((name) => ({ name })) }),
  };
}

export function buildRoleBinding(context: BuildContext): RoleBinding {
  const { name, namespace } = context.cluster.metadata;
  return {
    metadata: ownedMeta(context, { name }),
    subjects: [{ kind: 'ServiceAccount', apiGroup: '', name: serviceAccountName(context.cluster), namespace }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
  };
}
