/** Kinds that make pods from a template. */
import type { ApiObject, JsonObject, Strategy } from '../../registry/types.ts';
import { record, records, text } from '../columns/format.ts';
import type { KindParts } from '../resource.ts';
import {
  validateCronJob,
  validateDaemonSet,
  validateDaemonSetUpdate,
  validateDeployment,
  validateDeploymentUpdate,
  validateJob,
  validateJobUpdate,
  validateReplicaSet,
  validateReplicaSetUpdate,
  validateStatefulSet,
  validateStatefulSetUpdate,
} from '../validation/workloads.ts';
import { defaultPodSpec, fill } from './pod-defaults.ts';

/** `spec` of an object, made when it has none. */
function specOf(object: ApiObject): JsonObject {
  object.spec ??= {};
  return record(object.spec);
}

function defaultTemplate(holder: JsonObject): void {
  defaultPodSpec(record(record(holder.template).spec));
}

function labelsOf(template: unknown): JsonObject {
  return record(record(record(template).metadata).labels);
}

/** Objects without labels of their own take those of their template. */
function inheritLabels(object: ApiObject): void {
  const labels = labelsOf(specOf(object).template) as { [key: string]: string };
  if (Object.keys(object.metadata.labels ?? {}).length === 0 && Object.keys(labels).length > 0) {
    object.metadata.labels = { ...labels };
  }
}

const deployment: Strategy = {
  setDefaults(object) {
    const spec = specOf(object);
    fill(spec, 'replicas', 1);
    const strategy = record(spec.strategy);
    fill(strategy, 'type', 'RollingUpdate');
    if (strategy.type === 'RollingUpdate') {
      const rolling = record(strategy.rollingUpdate);
      fill(rolling, 'maxUnavailable', '25%');
      fill(rolling, 'maxSurge', '25%');
      strategy.rollingUpdate = rolling;
    }
    spec.strategy = strategy;
    fill(spec, 'revisionHistoryLimit', 10);
    fill(spec, 'progressDeadlineSeconds', 600);
    defaultTemplate(spec);
  },
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
};

const replicaSet: Strategy = {
  setDefaults(object) {
    fill(specOf(object), 'replicas', 1);
    defaultTemplate(specOf(object));
  },
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
};

function defaultClaims(spec: JsonObject): void {
  for (const claim of records(spec.volumeClaimTemplates)) {
    fill(claim, 'kind', 'PersistentVolumeClaim');
    fill(claim, 'apiVersion', 'v1');
    fill(record(claim.spec), 'volumeMode', 'Filesystem');
    claim.status = { ...record(claim.status) };
    fill(record(claim.status), 'phase', 'Pending');
  }
}

const statefulSet: Strategy = {
  setDefaults(object) {
    const spec = specOf(object);
    fill(spec, 'replicas', 1);
    fill(spec, 'podManagementPolicy', 'OrderedReady');
    const update = record(spec.updateStrategy);
    fill(update, 'type', 'RollingUpdate');
    if (update.type === 'RollingUpdate') {
      const rolling = record(update.rollingUpdate);
      fill(rolling, 'partition', 0);
      update.rollingUpdate = rolling;
    }
    spec.updateStrategy = update;
    fill(spec, 'revisionHistoryLimit', 10);
    defaultClaims(spec);
    defaultTemplate(spec);
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
};

const daemonSet: Strategy = {
  setDefaults(object) {
    const spec = specOf(object);
    const update = record(spec.updateStrategy);
    fill(update, 'type', 'RollingUpdate');
    if (update.type === 'RollingUpdate') {
      const rolling = record(update.rollingUpdate);
      fill(rolling, 'maxUnavailable', 1);
      fill(rolling, 'maxSurge', 0);
      update.rollingUpdate = rolling;
    }
    spec.updateStrategy = update;
    fill(spec, 'revisionHistoryLimit', 10);
    defaultTemplate(spec);
  },
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
};

const replicationController: Strategy = {
  setDefaults(object) {
    const spec = specOf(object);
    fill(spec, 'replicas', 1);
    const labels = labelsOf(spec.template);
    if (spec.selector === undefined && Object.keys(labels).length > 0) spec.selector = { ...labels };
    inheritLabels(object);
    defaultTemplate(spec);
  },
  defaultPropagation: 'Orphan',
};

function defaultJob(spec: JsonObject): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  fill(spec, 'parallelism', 1);
  fill(spec, 'backoffLimit', 6);
  fill(spec, 'completionMode', 'NonIndexed');
  fill(spec, 'suspend', false);
  defaultTemplate(spec);
}

/** Unless a selector is given by hand, a job selects its pods by its own uid. */
function generateSelector(job: ApiObject): void {
  const spec = specOf(job);
  if (spec.manualSelector === true) return;
  const uid = job.metadata.uid ?? '';
  const template = record(spec.template);
  const metadata = record(template.metadata);
  metadata.labels = { ...record(metadata.labels), 'controller-uid': uid, 'job-name': text(job.metadata.name) };
  template.metadata = metadata;
  spec.template = template;
  if (spec.selector === undefined) spec.selector = { matchLabels: { 'controller-uid': uid } };
}

const job: Strategy = {
  setDefaults(object) {
    defaultJob(specOf(object));
  },
  prepareForCreate(object) {
    generateSelector(object);
    object.metadata.annotations = { ...object.metadata.annotations, 'batch.kubernetes.io/job-tracking': '' };
    inheritLabels(object);
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  defaultPropagation: 'Orphan',
};

const cronJob: Strategy = {
  setDefaults(object) {
    const spec = specOf(object);
    fill(spec, 'concurrencyPolicy', 'Allow');
    fill(spec, 'suspend', false);
    fill(spec, 'successfulJobsHistoryLimit', 3);
    fill(spec, 'failedJobsHistoryLimit', 1);
    const jobSpec = record(record(spec.jobTemplate).spec);
    // Counts are filled in with each job that is made.
    defaultTemplate(jobSpec);
  },
  validate: validateCronJob,
  validateUpdate: (object) => validateCronJob(object),
};

/** A change of annotations, where a Deployment keeps its revision, counts as well. */
const deploymentVersion = (object: ApiObject): unknown => [object.spec, object.metadata.annotations ?? {}];

const jobFields = { 'status.successful': (object: ApiObject) => text(record(object.status).succeeded ?? 0) };
const replicasField = { 'status.replicas': (object: ApiObject) => text(record(object.status).replicas ?? 0) };

export const workloadKinds: { readonly [resource: string]: KindParts } = {
  'apps/deployments': { strategy: deployment, versioned: deploymentVersion },
  'apps/replicasets': { strategy: replicaSet, selectableFields: replicasField },
  'apps/statefulsets': { strategy: statefulSet },
  'apps/daemonsets': { strategy: daemonSet },
  'batch/jobs': { strategy: job, selectableFields: jobFields },
  'batch/cronjobs': { strategy: cronJob },
  '/replicationcontrollers': { strategy: replicationController, selectableFields: replicasField },
  '/podtemplates': {
    strategy: {
      setDefaults(object) {
        defaultPodSpec(record(record(object.template).spec));
      },
      returnsDeleted: true,
    },
    versioned: (object) => object.template,
  },
};
