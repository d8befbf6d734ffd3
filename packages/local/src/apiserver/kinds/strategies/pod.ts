/** Pods. */
import type { ApiObject, Strategy } from '../../registry/types.ts';
import { record, text } from '../columns/format.ts';
import type { KindParts } from '../resource.ts';
import { validatePodSpec, validatePodUpdate } from '../validation/pod.ts';
import { defaultPodSpec, fill, qosClass, syncPodIPs } from './pod-defaults.ts';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

function setDefaults(pod: ApiObject): void {
  pod.spec ??= {};
  const spec = record(pod.spec);
  defaultPodSpec(spec);
  fill(spec, 'enableServiceLinks', true);
  if (pod.status !== undefined) syncPodIPs(record(pod.status));
}

/** A pod that is on no node, or has ended, goes at once; a mirror of a static pod likewise. */
function gracePeriodSeconds(pod: ApiObject, requested: number | undefined): number {
  const spec = record(pod.spec);
  if (text(spec.nodeName) === '' || pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return 0;
  const phase = text(record(pod.status).phase);
  if (phase === 'Failed' || phase === 'Succeeded') return 0;
  const grace =
    requested ?? (typeof spec.terminationGracePeriodSeconds === 'number' ? spec.terminationGracePeriodSeconds : 30);
  return grace < 0 ? 1 : grace;
}

const strategy: Strategy = {
  names: 'subdomain',
  returnsDeleted: true,
  setDefaults,
  prepareForCreate(pod) {
    pod.status = { phase: 'Pending', qosClass: qosClass(record(pod.spec)) };
  },
  prepareForUpdate(pod, old) {
    const { ephemeralContainers } = record(old.spec);
    if (ephemeralContainers === undefined) delete record(pod.spec).ephemeralContainers;
    else record(pod.spec).ephemeralContainers = ephemeralContainers;
  },
  validate: (pod) => validatePodSpec(record(pod.spec), 'spec'),
  validateUpdate: (pod, old) => validatePodUpdate(pod, old),
  prepareForStatusUpdate(pod, old) {
    if (old.metadata.deletionTimestamp === undefined) delete pod.metadata.deletionTimestamp;
    pod.metadata.ownerReferences = old.metadata.ownerReferences ?? [];
    if (old.metadata.ownerReferences === undefined) delete pod.metadata.ownerReferences;
    const status = record(pod.status);
    syncPodIPs(status);
    pod.status = status;
  },
  gracePeriodSeconds,
};

const spec =
  (field: string, otherwise = '') =>
  (pod: ApiObject) =>
    text(record(pod.spec)[field]) || otherwise;
const status = (field: string) => (pod: ApiObject) => text(record(pod.status)[field]);

export const podKind: KindParts = {
  strategy,
  selectableFields: {
    'spec.nodeName': spec('nodeName'),
    'spec.restartPolicy': spec('restartPolicy'),
    'spec.schedulerName': spec('schedulerName'),
    'spec.serviceAccountName': spec('serviceAccountName'),
    'spec.hostNetwork': spec('hostNetwork', 'false'),
    'status.phase': status('phase'),
    'status.podIP': status('podIP'),
    'status.nominatedNodeName': status('nominatedNodeName'),
  },
};
