/** Validation of the containers of a pod. */
import { checkConfigKey, checkLabelName } from '../../meta/names.ts';
import type { FieldError, JsonObject } from '../../registry/types.ts';
import { record, records, text } from '../columns/format.ts';
import { compareQuantities } from '../schema/quantity.ts';
import {
  checkPortName,
  duplicate,
  forbidden,
  invalid,
  invalidText,
  nonNegative,
  notFound,
  oneOf,
  portNumber,
  portReference,
  required,
  shown,
} from './problems.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const ENV_NAME_TEXT =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with " +
  "a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

/** What containers may refer to. */
export interface PodNames {
  volumes: ReadonlySet<string>;
  /** Names of containers seen so far: they must differ across all lists. */
  containers: Set<string>;
}

export function validateContainers(list: unknown, field: string, names: PodNames, init: boolean): FieldError[] {
  return records(list).flatMap((container, index) => validateContainer(container, `${field}[${index}]`, names, init));
}

function validateContainer(container: JsonObject, field: string, names: PodNames, init: boolean): FieldError[] {
  const errors = validateName(container, field, names);
  const image = text(container.image);
  if (image === '') errors.push(required(`${field}.image`));
  else if (image !== image.trim())
    errors.push(invalid(`${field}.image`, image, 'must not have leading or trailing whitespace'));
  errors.push(...validatePorts(container.ports, `${field}.ports`));
  errors.push(...validateEnv(container.env, `${field}.env`));
  errors.push(...validateMounts(container.volumeMounts, `${field}.volumeMounts`, names.volumes));
  errors.push(...validateResources(record(container.resources), `${field}.resources`));
  errors.push(...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES));
  errors.push(
    ...oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, [
      'File',
      'FallbackToLogsOnError',
    ]),
  );
  const restartable = container.restartPolicy === 'Always';
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (container[probe] === undefined) continue;
    if (init && !restartable)
      errors.push(forbidden(`${field}.${probe}`, 'may not be set for init containers without restartPolicy=Always'));
    else errors.push(...validateProbe(record(container[probe]), `${field}.${probe}`, probe !== 'readinessProbe'));
  }
  errors.push(...validateLifecycle(container, field, init && !restartable));
  errors.push(...validateSecurity(record(container.securityContext), `${field}.securityContext`));
  return errors;
}

function validateName(container: JsonObject, field: string, names: PodNames): FieldError[] {
  const name = text(container.name);
  if (name === '') return [required(`${field}.name`)];
  const problems = checkLabelName(name);
  if (problems.length > 0) return problems.map((why) => invalid(`${field}.name`, name, why));
  if (names.containers.has(name)) return [duplicate(`${field}.name`, name)];
  names.containers.add(name);
  return [];
}

function validatePorts(ports: unknown, field: string): FieldError[] {
  const seen = new Set<string>();
  return records(ports).flatMap((port, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const name = text(port.name);
    if (name !== '') {
      const problems = checkPortName(name);
      errors.push(...problems.map((why) => invalid(`${at}.name`, name, why)));
      if (problems.length === 0 && seen.has(name)) errors.push(duplicate(`${at}.name`, name));
      seen.add(name);
    }
    if (port.containerPort === undefined || port.containerPort === 0) errors.push(required(`${at}.containerPort`));
    else errors.push(...portNumber(`${at}.containerPort`, port.containerPort));
    if (port.hostPort !== undefined) errors.push(...portNumber(`${at}.hostPort`, port.hostPort));
    if (text(port.protocol) === '') errors.push(required(`${at}.protocol`));
    else errors.push(...oneOf(`${at}.protocol`, port.protocol, PROTOCOLS));
    return errors;
  });
}

function validateEnv(env: unknown, field: string): FieldError[] {
  return records(env).flatMap((variable, index) => {
    const at = `${field}[${index}]`;
    const name = text(variable.name);
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${at}.name`));
    else if (!ENV_NAME.test(name)) errors.push(invalid(`${at}.name`, name, ENV_NAME_TEXT));
    if (variable.valueFrom !== undefined) errors.push(...validateValueFrom(variable, `${at}.valueFrom`));
    return errors;
  });
}

function validateValueFrom(variable: JsonObject, field: string): FieldError[] {
  const from = record(variable.valueFrom);
  const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'].filter(
    (key) => from[key] !== undefined,
  );
  const errors: FieldError[] = [];
  if (sources.length === 0) {
    errors.push(
      invalidText(
        field,
        '""',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    );
  } else if (text(variable.value) !== '') {
    errors.push(invalidText(field, '""', 'may not be specified when `value` is not empty'));
  } else if (sources.length > 1) {
    errors.push(invalidText(field, '""', 'may not have more than one field specified at a time'));
  }
  for (const kind of ['configMapKeyRef', 'secretKeyRef']) {
    if (from[kind] === undefined) continue;
    const reference = record(from[kind]);
    if (text(reference.name) === '') errors.push(required(`${field}.${kind}.name`));
    if (text(reference.key) === '') errors.push(required(`${field}.${kind}.key`));
    else
      errors.push(
        ...checkConfigKey(text(reference.key)).map((why) => invalid(`${field}.${kind}.key`, text(reference.key), why)),
      );
  }
  return errors;
}

function validateMounts(mounts: unknown, field: string, volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>();
  return records(mounts).flatMap((mount, index) => {
    const at = `${field}[${index}]`;
    const [name, path] = [text(mount.name), text(mount.mountPath)];
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${at}.name`));
    else if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (path === '') errors.push(required(`${at}.mountPath`));
    else if (paths.has(path)) errors.push(invalid(`${at}.mountPath`, path, 'must be unique'));
    paths.add(path);
    const subPath = text(mount.subPath);
    if (subPath.startsWith('/')) errors.push(invalid(`${at}.subPath`, subPath, 'must be a relative path'));
    if (subPath.split('/').includes('..')) errors.push(invalid(`${at}.subPath`, subPath, "must not contain '..'"));
    return errors;
  });
}

function validateResources(resources: JsonObject, field: string): FieldError[] {
  const limits = record(resources.limits);
  const requests = record(resources.requests);
  const errors: FieldError[] = [];
  for (const [kind, amounts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, amount] of Object.entries(amounts)) {
      if (compareQuantities(text(amount), '0') < 0) {
        errors.push(invalid(`${field}.${kind}[${name}]`, amount, 'must be greater than or equal to 0'));
      }
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit !== undefined && compareQuantities(text(request), text(limit)) > 0) {
      errors.push(invalid(`${field}.requests`, request, `must be less than or equal to ${name} limit`));
    }
  }
  return errors;
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const;

function validateHandler(handler: JsonObject, field: string): FieldError[] {
  const given = HANDLERS.filter((kind) => handler[kind] !== undefined);
  if (given.length === 0) return [required(field, 'must specify a handler type')];
  const errors = given
    .slice(1)
    .map((kind) => forbidden(`${field}.${kind}`, 'may not specify more than 1 handler type'));
  const { exec, httpGet, tcpSocket, grpc } = handler;
  if (exec !== undefined && !Array.isArray(record(exec).command)) errors.push(required(`${field}.exec.command`));
  if (httpGet !== undefined) {
    const action = record(httpGet);
    if (text(action.path) === '') errors.push(required(`${field}.httpGet.path`));
    errors.push(...portReference(`${field}.httpGet.port`, action.port));
    errors.push(...oneOf(`${field}.httpGet.scheme`, action.scheme, ['HTTP', 'HTTPS']));
  }
  if (tcpSocket !== undefined) errors.push(...portReference(`${field}.tcpSocket.port`, record(tcpSocket).port));
  if (grpc !== undefined) errors.push(...portNumber(`${field}.grpc.port`, record(grpc).port));
  return errors;
}

function validateProbe(probe: JsonObject, field: string, oneSuccess: boolean): FieldError[] {
  const errors = validateHandler(probe, field);
  for (const key of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    errors.push(...nonNegative(`${field}.${key}`, probe[key]));
  }
  if (oneSuccess && probe.successThreshold !== 1) {
    errors.push(invalid(`${field}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (typeof grace === 'number' && grace <= 0) {
    errors.push(invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  return errors;
}

function validateLifecycle(container: JsonObject, field: string, refused: boolean): FieldError[] {
  if (container.lifecycle === undefined) return [];
  if (refused)
    return [forbidden(`${field}.lifecycle`, 'may not be set for init containers without restartPolicy=Always')];
  const { postStart, preStop } = record(container.lifecycle);
  return [
    ...(postStart === undefined ? [] : validateHandler(record(postStart), `${field}.lifecycle.postStart`)),
    ...(preStop === undefined ? [] : validateHandler(record(preStop), `${field}.lifecycle.preStop`)),
  ];
}

function validateSecurity(security: JsonObject, field: string): FieldError[] {
  const errors = ['runAsUser', 'runAsGroup'].flatMap((key) => {
    const id = security[key];
    return typeof id === 'number' && (id < 0 || id > 2147483647)
      ? [invalid(`${field}.${key}`, id, 'must be between 0 and 2147483647, inclusive')]
      : [];
  });
  if (security.allowPrivilegeEscalation === false) {
    if (security.privileged === true) {
      errors.push(
        invalidText(field, shown(''), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'),
      );
    }
  }
  if (security.procMount !== undefined)
    errors.push(...oneOf(`${field}.procMount`, security.procMount, ['Default', 'Unmasked']));
  return errors;
}
