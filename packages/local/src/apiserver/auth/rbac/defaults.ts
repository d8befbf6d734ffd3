/** The roles and bindings that every cluster has. */
import type { ApiObject, JsonObject } from '../../registry/types.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

const metadata = (name: string, labels: { [key: string]: string } = {}) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
});

const words = (list: string): string[] => list.split(' ');

function rule(verbs: string, apiGroups: readonly string[], resources: string): JsonObject {
  return { verbs: words(verbs), apiGroups: [...apiGroups], resources: words(resources) };
}

const urls = (list: string): JsonObject => ({ verbs: ['get'], nonResourceURLs: words(list) });

function clusterRole(name: string, rules: JsonObject[], labels: { [key: string]: string } = {}): ApiObject {
  return { apiVersion: API_VERSION, kind: 'ClusterRole', metadata: metadata(name, labels), rules };
}

function clusterRoleBinding(name: string, subjects: JsonObject[]): ApiObject {
  const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name };
  return { apiVersion: API_VERSION, kind: 'ClusterRoleBinding', metadata: metadata(name), roleRef, subjects };
}

const group = (name: string): JsonObject => ({ kind: 'Group', apiGroup: GROUP, name });

const HEALTH = '/healthz /livez /readyz /version /version/';
const DISCOVERY = '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/';

const READ = 'get list watch';
const WRITE = 'create delete deletecollection patch update';
const CORE_VIEW =
  'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status namespaces';
const APPS = 'daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale';
const APPS_STATUS = 'controllerrevisions daemonsets/status deployments/status replicasets/status statefulsets/status';

const view: JsonObject[] = [
  rule(READ, [''], CORE_VIEW),
  rule(READ, ['discovery.k8s.io'], 'endpointslices'),
  rule(READ, ['apps'], `${APPS} ${APPS_STATUS}`),
  rule(READ, ['autoscaling'], 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(READ, ['batch'], 'cronjobs cronjobs/status jobs jobs/status'),
  rule(READ, ['policy'], 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(READ, ['networking.k8s.io'], 'ingresses ingresses/status networkpolicies'),
];

const edit: JsonObject[] = [
  rule(READ, [''], 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  rule('impersonate', [''], 'serviceaccounts'),
  rule(WRITE, [''], 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  rule('create', [''], 'pods/eviction'),
  rule(
    WRITE,
    [''],
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  rule('create', [''], 'serviceaccounts/token'),
  rule(WRITE, ['apps'], `${APPS} deployments/rollback`),
  rule(WRITE, ['autoscaling'], 'horizontalpodautoscalers'),
  rule(WRITE, ['batch'], 'cronjobs jobs'),
  rule(WRITE, ['policy'], 'poddisruptionbudgets'),
  rule(WRITE, ['networking.k8s.io'], 'ingresses networkpolicies'),
  rule(`${WRITE} ${READ}`, ['coordination.k8s.io'], 'leases'),
];

const admin: JsonObject[] = [
  rule('create', ['authorization.k8s.io'], 'localsubjectaccessreviews'),
  rule(`${WRITE} ${READ}`, [GROUP], 'rolebindings roles'),
];

const label = (name: string): string => `rbac.authorization.k8s.io/aggregate-to-${name}`;

/** A role that grows with every cluster role labelled for it. */
function aggregate(name: string, rules: JsonObject[], labels: { [key: string]: string } = {}): ApiObject {
  const clusterRoleSelectors = [{ matchLabels: { [label(name)]: 'true' } }];
  return { ...clusterRole(name, rules, labels), aggregationRule: { clusterRoleSelectors } };
}

/** Put into the store when they are not there. */
export const defaultRoles: readonly ApiObject[] = [
  clusterRole('cluster-admin', [rule('*', ['*'], '*'), { verbs: ['*'], nonResourceURLs: ['*'] }]),
  clusterRole('system:discovery', [urls(DISCOVERY)]),
  clusterRole('system:public-info-viewer', [urls(HEALTH)]),
  clusterRole('system:monitoring', [
    urls('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'),
  ]),
  clusterRole('system:basic-user', [
    rule('create', ['authorization.k8s.io'], 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', ['authentication.k8s.io'], 'selfsubjectreviews'),
  ]),
  clusterRole('system:service-account-issuer-discovery', [
    urls('/.well-known/openid-configuration /openid/v1/jwks'),
    urls('/.well-known /.well-known/*'),
  ]),
  clusterRole('system:auth-delegator', [
    rule('create', ['authentication.k8s.io'], 'tokenreviews'),
    rule('create', ['authorization.k8s.io'], 'subjectaccessreviews'),
  ]),
  clusterRole('system:aggregate-to-view', view, { [label('view')]: 'true' }),
  clusterRole('system:aggregate-to-edit', edit, { [label('edit')]: 'true' }),
  clusterRole('system:aggregate-to-admin', admin, { [label('admin')]: 'true' }),
  aggregate('view', view, { [label('edit')]: 'true' }),
  aggregate('edit', [...edit, ...view], { [label('admin')]: 'true' }),
  aggregate('admin', [...admin, ...edit, ...view]),
];

export const defaultBindings: readonly ApiObject[] = [
  clusterRoleBinding('cluster-admin', [group('system:masters')]),
  clusterRoleBinding('system:discovery', [group('system:authenticated')]),
  clusterRoleBinding('system:basic-user', [group('system:authenticated')]),
  clusterRoleBinding('system:public-info-viewer', [group('system:authenticated'), group('system:unauthenticated')]),
  clusterRoleBinding('system:monitoring', [group('system:monitoring')]),
  clusterRoleBinding('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
];
