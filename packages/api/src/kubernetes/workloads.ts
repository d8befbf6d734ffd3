// Services and deployments.
import type * as apps from 'kubernetes-types/apps/v1.d.ts';
import type * as core from 'kubernetes-types/core/v1.d.ts';
import { reference } from './reference.ts';
import {
  atomicTextMap,
  flag,
  int32,
  keyed,
  list,
  must,
  numberOrText,
  struct,
  text,
  texts,
  withDefault,
} from './shorthand.ts';

const servicePort = struct({
  appProtocol: text,
  name: text,
  nodePort: int32,
  port: must(int32),
  protocol: withDefault('TCP'),
  targetPort: numberOrText,
});

export const serviceSpec = reference<core.ServiceSpec>('core/v1 ServiceSpec', {
  allocateLoadBalancerNodePorts: flag,
  clusterIP: text,
  clusterIPs: texts,
  externalIPs: texts,
  externalName: text,
  externalTrafficPolicy: text,
  healthCheckNodePort: int32,
  internalTrafficPolicy: text,
  ipFamilies: list(text),
  ipFamilyPolicy: text,
  loadBalancerClass: text,
  loadBalancerIP: text,
  loadBalancerSourceRanges: texts,
  ports: keyed(servicePort, 'port', 'protocol'),
  publishNotReadyAddresses: flag,
  selector: atomicTextMap,
  sessionAffinity: text,
  sessionAffinityConfig: struct({ clientIP: struct({ timeoutSeconds: int32 }) }),
  trafficDistribution: text,
  type: text,
});

export const deploymentStrategy = reference<apps.DeploymentStrategy>('apps/v1 DeploymentStrategy', {
  rollingUpdate: struct({ maxSurge: numberOrText, maxUnavailable: numberOrText }),
  type: text,
});
