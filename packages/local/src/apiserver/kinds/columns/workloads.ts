/** Table columns of the kinds outside of the core group. */
import type { ApiObject, JsonObject, TableColumn } from '../../registry/types.ts';
import {
  age,
  ageColumn,
  column,
  duration,
  labels,
  NONE,
  nameColumn,
  number,
  record,
  records,
  selector,
  strings,
  text,
  wide,
} from './format.ts';

const spec = (object: ApiObject): JsonObject => record(object.spec);
const status = (object: ApiObject): JsonObject => record(object.status);

function containers(of: (object: ApiObject) => unknown): TableColumn[] {
  const list = (object: ApiObject, field: string): string =>
    records(record(record(of(object)).spec).containers)
      .map((container) => text(container[field]))
      .join(',');
  return [
    wide('Containers', 'Names of the containers', (object) => list(object, 'name')),
    wide('Images', 'Images of the containers', (object) => list(object, 'image')),
  ];
}

const template = (object: ApiObject): unknown => spec(object).template;
const selectorColumn = wide('Selector', 'Labels of its pods', (object) => selector(spec(object).selector));
const count = (name: string, description: string, part: typeof spec, field: string): TableColumn =>
  column(name, description, (object) => number(part(object)[field]), { type: 'integer' });

function completions(job: ApiObject): string {
  const done = number(status(job).succeeded);
  const { completions: wanted, parallelism } = spec(job);
  if (wanted !== undefined) return `${done}/${number(wanted)}`;
  return number(parallelism) > 1 ? `${done}/1 of ${number(parallelism)}` : `${done}/1`;
}

function jobDuration(job: ApiObject, now: Date): string {
  const { startTime, completionTime } = status(job);
  if (startTime === undefined) return '';
  const end = completionTime === undefined ? now.getTime() : Date.parse(text(completionTime));
  return duration(end - Date.parse(text(startTime)));
}

function storageClassName(object: ApiObject): string {
  const isDefault = [
    'storageclass.kubernetes.io/is-default-class',
    'storageclass.beta.kubernetes.io/is-default-class',
  ].some((key) => object.metadata.annotations?.[key] === 'true');
  return isDefault ? `${text(object.metadata.name)} (default)` : text(object.metadata.name);
}

function subjects(kind: string) {
  return (binding: ApiObject): string =>
    records(binding.subjects)
      .filter((subject) => subject.kind === kind)
      .map((subject) =>
        kind === 'ServiceAccount' ? `${text(subject.namespace)}/${text(subject.name)}` : text(subject.name),
      )
      .join(', ');
}

const bindingColumns: readonly TableColumn[] = [
  nameColumn,
  column(
    'Role',
    'Role that is granted',
    (binding) => `${text(record(binding.roleRef).kind)}/${text(record(binding.roleRef).name)}`,
  ),
  ageColumn,
  wide('Users', 'Users to whom it is granted', subjects('User')),
  wide('Groups', 'Groups to whom it is granted', subjects('Group')),
  wide('ServiceAccounts', 'Service accounts to whom it is granted', subjects('ServiceAccount')),
];

const roleColumns: readonly TableColumn[] = [
  nameColumn,
  column('Created At', 'When the object was created', (object) => object.metadata.creationTimestamp ?? '', {
    type: 'date',
  }),
];

function slicePorts(slice: ApiObject): string {
  return limited(
    records(slice.ports).map((port) => (port.port === undefined ? '*' : String(number(port.port)))),
    '<unset>',
  );
}

function sliceAddresses(slice: ApiObject): string {
  return limited(
    records(slice.endpoints).flatMap((endpoint) => strings(endpoint.addresses)),
    '<unset>',
  );
}

function limited(all: string[], none: string): string {
  if (all.length === 0) return none;
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

const orNotSet = (value: unknown): string => (value === undefined ? 'N/A' : text(value));
const webhookColumns = [
  nameColumn,
  column('Webhooks', 'Number of webhooks', (object) => records(object.webhooks).length, { type: 'integer' }),
  ageColumn,
];

/** By group and plural name. */
export const otherColumns: { readonly [resource: string]: readonly TableColumn[] } = {
  'apps/deployments': [
    nameColumn,
    column(
      'Ready',
      'Pods that are ready, of all',
      (object) => `${number(status(object).readyReplicas)}/${number(spec(object).replicas)}`,
    ),
    column('Up-to-date', 'Pods made from the present template', (object) => number(status(object).updatedReplicas)),
    column('Available', 'Pods that have been ready long enough', (object) => number(status(object).availableReplicas)),
    ageColumn,
    ...containers(template),
    selectorColumn,
  ],
  'apps/replicasets': [
    nameColumn,
    count('Desired', 'Pods wanted', spec, 'replicas'),
    count('Current', 'Pods that exist', status, 'replicas'),
    count('Ready', 'Pods that are ready', status, 'readyReplicas'),
    ageColumn,
    ...containers(template),
    selectorColumn,
  ],
  'apps/statefulsets': [
    nameColumn,
    column(
      'Ready',
      'Pods that are ready, of all',
      (object) => `${number(status(object).readyReplicas)}/${number(spec(object).replicas)}`,
    ),
    ageColumn,
    ...containers(template),
  ],
  'apps/daemonsets': [
    nameColumn,
    count('Desired', 'Nodes that should run a pod', status, 'desiredNumberScheduled'),
    count('Current', 'Nodes that run a pod', status, 'currentNumberScheduled'),
    count('Ready', 'Pods that are ready', status, 'numberReady'),
    count('Up-to-date', 'Pods made from the present template', status, 'updatedNumberScheduled'),
    count('Available', 'Pods that have been ready long enough', status, 'numberAvailable'),
    column('Node Selector', 'Labels of the nodes', (object) =>
      labels(record(record(template(object)).spec).nodeSelector),
    ),
    ageColumn,
    ...containers(template),
    selectorColumn,
  ],
  'apps/controllerrevisions': [
    nameColumn,
    column('Controller', 'Owner of the revision', (object) => {
      const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
      return owner === undefined ? NONE : `${owner.kind.toLowerCase()}.${owner.apiVersion.split('/')[0]}/${owner.name}`;
    }),
    column('Revision', 'Number of the revision', (object) => number(object.revision)),
    ageColumn,
  ],
  'batch/jobs': [
    nameColumn,
    column('Completions', 'Pods that succeeded, of those needed', completions),
    column('Duration', 'How long it took', jobDuration),
    ageColumn,
    ...containers(template),
    selectorColumn,
  ],
  'batch/cronjobs': [
    nameColumn,
    column('Schedule', 'When it runs', (object) => text(spec(object).schedule)),
    column('Timezone', 'Time zone of the schedule', (object) => text(spec(object).timeZone) || NONE),
    column('Suspend', 'Whether it rests', (object) => (spec(object).suspend === true ? 'True' : 'False'), {
      type: 'boolean',
    }),
    column('Active', 'Jobs that run', (object) => records(status(object).active).length, { type: 'integer' }),
    column('Last Schedule', 'Time since it last ran', (object, now) =>
      status(object).lastScheduleTime === undefined ? NONE : age(status(object).lastScheduleTime, now),
    ),
    ageColumn,
    ...containers((object) => record(record(spec(object).jobTemplate).spec).template),
    wide('Selector', 'Labels of its pods', (object) =>
      selector(record(record(spec(object).jobTemplate).spec).selector),
    ),
  ],
  'policy/poddisruptionbudgets': [
    nameColumn,
    column('Min Available', 'Pods that must stay', (object) => orNotSet(spec(object).minAvailable)),
    column('Max Unavailable', 'Pods that may be missing', (object) => orNotSet(spec(object).maxUnavailable)),
    count('Allowed Disruptions', 'Pods that may go now', status, 'disruptionsAllowed'),
    ageColumn,
  ],
  'coordination.k8s.io/leases': [
    nameColumn,
    column('Holder', 'Who holds the lease', (lease) => text(spec(lease).holderIdentity)),
    ageColumn,
  ],
  'storage.k8s.io/storageclasses': [
    column('Name', 'Name of the object', storageClassName, { format: 'name' }),
    column('Provisioner', 'What makes the volumes', (object) => text(object.provisioner)),
    column('ReclaimPolicy', 'What happens to a volume after its claim', (object) => text(object.reclaimPolicy)),
    column('VolumeBindingMode', 'When a volume is made', (object) => text(object.volumeBindingMode)),
    column('AllowVolumeExpansion', 'Whether volumes can grow', (object) => object.allowVolumeExpansion === true),
    ageColumn,
  ],
  'discovery.k8s.io/endpointslices': [
    nameColumn,
    column('AddressType', 'Kind of the addresses', (slice) => text(slice.addressType)),
    column('Ports', 'Ports of the endpoints', slicePorts),
    column('Endpoints', 'Addresses of the endpoints', sliceAddresses),
    ageColumn,
  ],
  'scheduling.k8s.io/priorityclasses': [
    nameColumn,
    column('Value', 'The higher, the more urgent', (object) => number(object.value)),
    column('Global-Default', 'Whether pods without a class get it', (object) => object.globalDefault === true),
    ageColumn,
  ],
  'rbac.authorization.k8s.io/roles': roleColumns,
  'rbac.authorization.k8s.io/clusterroles': roleColumns,
  'rbac.authorization.k8s.io/rolebindings': bindingColumns,
  'rbac.authorization.k8s.io/clusterrolebindings': bindingColumns,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhookColumns,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhookColumns,
};
