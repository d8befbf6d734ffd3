// The description of a pod.
import type * as core from 'kubernetes-types/core/v1.d.ts';
import { container, ephemeralContainer, resourceRequirements } from './container.ts';
import { reference } from './reference.ts';
import { affinity, toleration, topologySpreadConstraint } from './scheduling.ts';
import { podSecurityContext } from './security.ts';
import { localObjectReference } from './selectors.ts';
import { atomicTextMap, flag, int32, int64, keyed, list, must, quantityMap, struct, text, texts } from './shorthand.ts';
import { volume } from './volumes.ts';

const network = {
  dnsConfig: struct({
    nameservers: texts,
    options: list(struct({ name: text, value: text })),
    searches: texts,
  }),
  dnsPolicy: text,
  enableServiceLinks: flag,
  hostAliases: keyed(struct({ hostnames: texts, ip: must(text) }), 'ip'),
  hostIPC: flag,
  hostNetwork: flag,
  hostPID: flag,
  hostUsers: flag,
  hostname: text,
  hostnameOverride: text,
  setHostnameAsFQDN: flag,
  subdomain: text,
};

const scheduling = {
  affinity,
  nodeName: text,
  nodeSelector: atomicTextMap,
  overhead: quantityMap,
  preemptionPolicy: text,
  priority: int32,
  priorityClassName: text,
  resourceClaims: keyed(struct({ name: must(text), resourceClaimName: text, resourceClaimTemplateName: text }), 'name'),
  resources: resourceRequirements,
  runtimeClassName: text,
  schedulerName: text,
  schedulingGates: keyed(struct({ name: must(text) }), 'name'),
  schedulingGroup: struct({ podGroupName: text }),
  tolerations: list(toleration),
  topologySpreadConstraints: keyed(topologySpreadConstraint, 'topologyKey', 'whenUnsatisfiable'),
};

export const podSpec = reference<core.PodSpec>('core/v1 PodSpec', {
  ...network,
  ...scheduling,
  activeDeadlineSeconds: int64,
  automountServiceAccountToken: flag,
  containers: must(keyed(container, 'name')),
  ephemeralContainers: keyed(ephemeralContainer, 'name'),
  imagePullSecrets: keyed(localObjectReference, 'name'),
  initContainers: keyed(container, 'name'),
  os: struct({ name: must(text) }),
  readinessGates: list(struct({ conditionType: must(text) })),
  restartPolicy: text,
  securityContext: podSecurityContext,
  serviceAccount: text,
  serviceAccountName: text,
  shareProcessNamespace: flag,
  terminationGracePeriodSeconds: int64,
  volumes: keyed(volume, 'name'),
});
