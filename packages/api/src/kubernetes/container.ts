// Containers: environment, resources, probes.
import type * as core from 'kubernetes-types/core/v1.d.ts';
import { boolean } from '../schema/nodes.ts';
import { reference } from './reference.ts';
import { securityContext } from './security.ts';
import { configMapKeySelector, objectFieldSelector, resourceFieldSelector, secretKeySelector } from './selectors.ts';
import {
  atomicStruct,
  flag,
  int32,
  int64,
  keyed,
  list,
  must,
  numberOrText,
  quantityMap,
  set,
  struct,
  text,
  texts,
  withDefault,
} from './shorthand.ts';

const fileKeyRef = atomicStruct({
  key: must(text),
  optional: boolean(undefined, { default: false }),
  path: must(text),
  volumeName: must(text),
});
export const envVar = reference<core.EnvVar>('core/v1 EnvVar', {
  name: must(text),
  value: text,
  valueFrom: struct({
    configMapKeyRef: configMapKeySelector,
    fieldRef: objectFieldSelector,
    fileKeyRef,
    resourceFieldRef: resourceFieldSelector,
    secretKeyRef: secretKeySelector,
  }),
});
const optionalObject = atomicStruct({ name: withDefault(''), optional: flag });
export const envFromSource = reference<core.EnvFromSource>('core/v1 EnvFromSource', {
  configMapRef: optionalObject,
  prefix: text,
  secretRef: optionalObject,
});

const resourceClaim = struct({ name: must(text), request: text });
export const resourceRequirements = reference<core.ResourceRequirements>('core/v1 ResourceRequirements', {
  claims: keyed(resourceClaim, 'name'),
  limits: quantityMap,
  requests: quantityMap,
});
export const volumeResources = struct({ limits: quantityMap, requests: quantityMap });

const exec = struct({ command: texts });
const httpGet = struct({
  host: text,
  httpHeaders: list(struct({ name: must(text), value: must(text) })),
  path: text,
  port: must(numberOrText),
  scheme: text,
});
const tcpSocket = struct({ host: text, port: must(numberOrText) });
const handler = struct({ exec, httpGet, sleep: struct({ seconds: must(int64) }), tcpSocket });
const probe = struct({
  exec,
  failureThreshold: int32,
  grpc: struct({ port: must(int32), service: withDefault('') }),
  httpGet,
  initialDelaySeconds: int32,
  periodSeconds: int32,
  successThreshold: int32,
  tcpSocket,
  terminationGracePeriodSeconds: int64,
  timeoutSeconds: int32,
});

const port = struct({
  containerPort: must(int32),
  hostIP: text,
  hostPort: int32,
  name: text,
  protocol: withDefault('TCP'),
});
const volumeMount = struct({
  mountPath: must(text),
  mountPropagation: text,
  name: must(text),
  readOnly: flag,
  recursiveReadOnly: text,
  subPath: text,
  subPathExpr: text,
});
const restartRule = struct({
  action: must(text),
  exitCodes: struct({ operator: must(text), values: set(int32) }),
});

const containerFields = {
  args: texts,
  command: texts,
  env: keyed(envVar, 'name'),
  envFrom: list(envFromSource),
  image: text,
  imagePullPolicy: text,
  lifecycle: struct({ postStart: handler, preStop: handler, stopSignal: text }),
  livenessProbe: probe,
  name: must(text),
  ports: keyed(port, 'containerPort', 'protocol'),
  readinessProbe: probe,
  resizePolicy: list(struct({ resourceName: must(text), restartPolicy: must(text) })),
  resources: resourceRequirements,
  restartPolicy: text,
  restartPolicyRules: list(restartRule),
  securityContext,
  startupProbe: probe,
  stdin: flag,
  stdinOnce: flag,
  terminationMessagePath: text,
  terminationMessagePolicy: text,
  tty: flag,
  volumeDevices: keyed(struct({ devicePath: must(text), name: must(text) }), 'devicePath'),
  volumeMounts: keyed(volumeMount, 'mountPath'),
  workingDir: text,
};
export const container = struct(containerFields);
export const ephemeralContainer = struct({ ...containerFields, targetContainerName: text });
