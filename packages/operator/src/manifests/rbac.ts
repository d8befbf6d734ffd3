import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from 'kubernetes-types/rbac/v1.d.ts';

const group = 'postgresql.cnpg.io';
const crud = 'create delete get list patch update watch';

const rule = (apiGroup: string, resources: string, verbs: string): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: resources.split(' '),
  verbs: verbs.split(' '),
});

const customResources = [
  ...['backups', 'clusters', 'databases', 'databaseroles'],
  ...['poolers', 'publications', 'scheduledbackups', 'subscriptions'],
];

/** What the operator may do; nothing that it does not use. */
const rules: PolicyRule[] = [
  rule('', 'configmaps secrets services', crud),
  rule('', 'configmaps/status secrets/status', 'get patch update'),
  rule('', 'events', 'create patch'),
  rule('', 'nodes', 'get list watch'),
  rule('', 'persistentvolumeclaims pods pods/exec', 'create delete get list patch watch'),
  rule('', 'pods/status', 'get'),
  rule('', 'serviceaccounts', 'create get list patch update watch'),
  rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations validatingwebhookconfigurations', 'get patch'),
  rule('apps', 'deployments', crud),
  rule('batch', 'jobs', 'create delete get list patch watch'),
  rule('coordination.k8s.io', 'leases', 'create delete get list patch update watch'),
  rule('discovery.k8s.io', 'endpointslices', 'get list watch'),
  rule('monitoring.coreos.com', 'podmonitors', 'create delete get list patch watch'),
  rule('policy', 'poddisruptionbudgets', crud),
  rule(group, customResources.join(' '), crud),
  rule(group, customResources.map((name) => `${name}/status`).join(' '), 'get patch update'),
  rule(group, 'clusterimagecatalogs imagecatalogs', 'get list watch'),
  rule(group, 'clusters/finalizers poolers/finalizers databaseroles/finalizers scheduledbackups/finalizers', 'update'),
  rule(group, 'failoverquorums', 'create delete get list watch'),
  // The role of an instance may only hold what the operator itself may do.
  rule(group, 'failoverquorums/status', 'get patch update watch'),
  rule(group, 'clusters/status', 'watch'),
  rule('rbac.authorization.k8s.io', 'rolebindings roles', 'create get list patch update watch'),
  rule('snapshot.storage.k8s.io', 'volumesnapshots', 'create get list patch watch'),
];

export const accountName = 'cnpg-manager';
const rbac = 'rbac.authorization.k8s.io';

export function accessManifests(namespace: string): (ClusterRole | ClusterRoleBinding | Role | RoleBinding)[] {
  return [
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: accountName }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: `${accountName}-rolebinding` },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: accountName },
      subjects: [{ kind: 'ServiceAccount', name: accountName, namespace }],
    },
  ];
}
