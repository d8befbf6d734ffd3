/** Validation of pods and pod templates. */
import { checkLabelName, checkSubdomain } from '../../meta/names.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { record, records, text } from '../columns/format.ts';
import { type PodNames, validateContainers } from './containers.ts';
import { duplicate, forbidden, invalid, notSupported, oneOf, required } from './problems.ts';
import { validateSelector } from './selectors.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

export function validatePodSpec(spec: JsonObject, field: string): FieldError[] {
  const { errors, names } = validateVolumes(spec.volumes, `${field}.volumes`);
  const seen: PodNames = { volumes: names, containers: new Set() };
  if (records(spec.containers).length === 0) errors.push(required(`${field}.containers`));
  errors.push(...validateContainers(spec.containers, `${field}.containers`, seen, false));
  errors.push(...validateContainers(spec.initContainers, `${field}.initContainers`, seen, true));
  errors.push(...validateContainers(spec.ephemeralContainers, `${field}.ephemeralContainers`, seen, false));
  errors.push(...oneOf(`${field}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES));
  errors.push(...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES));
  errors.push(...validateNames(spec, field));
  errors.push(...validateNumbers(spec, field));
  errors.push(...validateTolerations(spec.tolerations, `${field}.tolerations`));
  errors.push(...validateAffinity(record(spec.affinity), `${field}.affinity`));
  errors.push(...validateSpread(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`));
  return errors;
}

function validateNames(spec: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const check = (key: string, complaints: (name: string) => string[]): void => {
    const name = text(spec[key]);
    if (name !== '') errors.push(...complaints(name).map((why) => invalid(`${field}.${key}`, name, why)));
  };
  check('serviceAccountName', checkSubdomain);
  check('nodeName', checkSubdomain);
  check('hostname', checkLabelName);
  check('subdomain', checkLabelName);
  check('priorityClassName', checkSubdomain);
  check('runtimeClassName', checkSubdomain);
  return errors;
}

function validateNumbers(spec: JsonObject, field: string): FieldError[] {
  const deadline = spec.activeDeadlineSeconds;
  const security = record(spec.securityContext);
  const errors = ['runAsUser', 'runAsGroup', 'fsGroup'].flatMap((key) => {
    const id = security[key];
    if (typeof id !== 'number' || (id >= 0 && id <= 2147483647)) return [];
    return [invalid(`${field}.securityContext.${key}`, id, 'must be between 0 and 2147483647, inclusive')];
  });
  if (typeof deadline === 'number' && deadline < 1) {
    errors.push(invalid(`${field}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'));
  }
  return errors;
}

/** Fields of a volume that are not sources. */
function validateVolumes(volumes: unknown, field: string): { errors: FieldError[]; names: Set<string> } {
  const names = new Set<string>();
  const errors = records(volumes).flatMap((volume, index) => {
    const at = `${field}[${index}]`;
    const name = text(volume.name);
    const problems = validateVolumeSource(volume, at);
    if (name === '') problems.push(required(`${at}.name`));
    else problems.push(...checkLabelName(name).map((why) => invalid(`${at}.name`, name, why)));
    if (names.has(name)) problems.push(duplicate(`${at}.name`, name));
    names.add(name);
    return problems;
  });
  return { errors, names };
}

/** In the order in which sources are looked at: the second one found is the one too many. */
const SOURCES = [
  ...[
    'emptyDir',
    'hostPath',
    'gitRepo',
    'gcePersistentDisk',
    'awsElasticBlockStore',
    'secret',
    'nfs',
    'iscsi',
    'glusterfs',
  ],
  ...['flexVolume', 'configMap', 'rbd', 'cephfs', 'flocker', 'persistentVolumeClaim', 'downwardAPI', 'fc', 'azureFile'],
  ...[
    'azureDisk',
    'vsphereVolume',
    'quobyte',
    'cinder',
    'photonPersistentDisk',
    'portworxVolume',
    'scaleIO',
    'storageos',
  ],
  ...['projected', 'csi', 'ephemeral'],
];

function validateVolumeSource(volume: JsonObject, field: string): FieldError[] {
  const given = SOURCES.filter((source) => volume[source] !== undefined);
  if (given.length === 0) return [required(field, 'must specify a volume type')];
  const errors = given
    .slice(1)
    .map((source) => forbidden(`${field}.${source}`, 'may not specify more than 1 volume type'));
  const needs = (source: string, key: string): void => {
    if (volume[source] !== undefined && text(record(volume[source])[key]) === '')
      errors.push(required(`${field}.${source}.${key}`));
  };
  needs('secret', 'secretName');
  needs('configMap', 'name');
  needs('persistentVolumeClaim', 'claimName');
  needs('hostPath', 'path');
  needs('csi', 'driver');
  for (const [index, source] of records(record(volume.projected).sources).entries()) {
    errors.push(...validateProjection(source, `${field}.projected.sources[${index}]`));
  }
  return errors;
}

function validateProjection(source: JsonObject, field: string): FieldError[] {
  const token = source.serviceAccountToken;
  if (token === undefined) return [];
  const { path, expirationSeconds } = record(token);
  const errors: FieldError[] = [];
  const seconds = typeof expirationSeconds === 'number' ? expirationSeconds : 0;
  if (seconds < 600)
    errors.push(
      invalid(
        `${field}.serviceAccountToken.expirationSeconds`,
        seconds,
        'may not specify a duration less than 10 minutes',
      ),
    );
  if (text(path) === '') errors.push(required(`${field}.serviceAccountToken.path`));
  return errors;
}

function validateTolerations(tolerations: unknown, field: string): FieldError[] {
  return records(tolerations).flatMap((toleration, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const operator = text(toleration.operator);
    if (operator === 'Exists' && text(toleration.value) !== '') {
      errors.push(invalid(`${at}.operator`, toleration.value, "value must be empty when `operator` is 'Exists'"));
    } else if (!['', 'Equal', 'Exists'].includes(operator)) {
      errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    }
    if (text(toleration.key) === '' && operator !== 'Exists') {
      errors.push(
        invalid(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (toleration.tolerationSeconds !== undefined && text(toleration.effect) !== 'NoExecute') {
      errors.push(
        invalid(`${at}.effect`, text(toleration.effect), "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    }
    if (!['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(text(toleration.effect))) {
      errors.push(notSupported(`${at}.effect`, toleration.effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
    }
    return errors;
  });
}

function validateAffinity(affinity: JsonObject, field: string): FieldError[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const rules = record(affinity[kind]);
    const at = `${field}.${kind}`;
    return [
      ...records(rules.requiredDuringSchedulingIgnoredDuringExecution).flatMap((term, index) =>
        validateTerm(term, `${at}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`),
      ),
      ...records(rules.preferredDuringSchedulingIgnoredDuringExecution).flatMap((term, index) =>
        validateTerm(
          record(term.podAffinityTerm),
          `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`,
        ),
      ),
    ];
  });
}

function validateTerm(term: JsonObject, field: string): FieldError[] {
  const errors = validateSelector(term.labelSelector, `${field}.labelSelector`);
  if (text(term.topologyKey) === '') errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  return errors;
}

function validateSpread(constraints: unknown, field: string): FieldError[] {
  return records(constraints).flatMap((constraint, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const skew = constraint.maxSkew;
    if (typeof skew !== 'number' || skew <= 0)
      errors.push(invalid(`${at}.maxSkew`, skew ?? 0, 'must be greater than zero'));
    if (text(constraint.topologyKey) === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    errors.push(...oneOf(`${at}.whenUnsatisfiable`, constraint.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']));
    return errors;
  });
}

const UPDATABLE =
  'pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, ' +
  '`spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations) or ' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePodUpdate(pod: ApiObject, old: ApiObject): FieldError[] {
  const [spec, before] = [record(pod.spec), record(old.spec)];
  for (const field of ['containers', 'initContainers']) {
    if (records(spec[field]).length !== records(before[field]).length) {
      return [forbidden(`spec.${field}`, 'pod updates may not add or remove containers')];
    }
  }
  const errors = validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  const kept = records(before.tolerations).every((one) =>
    records(spec.tolerations).some((other) => sameToleration(one, other)),
  );
  if (!kept)
    errors.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
  if (errors.length > 0) return errors;
  const changed = same(comparable(spec, before), before)
    ? []
    : [forbidden('spec', `${UPDATABLE}\n${difference(spec, before)}`)];
  return changed;
}

function validateDeadline(now: unknown, before: unknown): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (typeof now !== 'number')
    return typeof before === 'number'
      ? [invalid(field, null, 'must not update from a positive integer to nil value')]
      : [];
  if (now < 0 || now > 2147483647) return [invalid(field, now, 'must be between 0 and 2147483647, inclusive')];
  if (typeof before === 'number' && now > before)
    return [invalid(field, now, 'must be less than or equal to previous value')];
  return [];
}

function sameToleration(a: JsonObject, b: JsonObject): boolean {
  return same({ ...a, tolerationSeconds: null }, { ...b, tolerationSeconds: null });
}

/** `spec` with the values of `before` where a change is allowed. */
function comparable(spec: JsonObject, before: JsonObject): JsonObject {
  const next = structuredClone(spec);
  for (const field of ['containers', 'initContainers']) {
    const old = records(before[field]);
    for (const [index, container] of records(next[field]).entries()) container.image = old[index]?.image ?? null;
  }
  // Containers for debugging come by a subresource, which checks them; the pod itself keeps what it has.
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'ephemeralContainers']) {
    if (before[field] === undefined) delete next[field];
    else next[field] = before[field];
  }
  const grace = before.terminationGracePeriodSeconds;
  if (typeof grace === 'number' && grace < 0 && next.terminationGracePeriodSeconds === 1)
    next.terminationGracePeriodSeconds = grace;
  return next;
}

/** Whether two values are the same, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a).filter(defined), Object.entries(b).filter(defined)];
  const other = b as { [key: string]: unknown };
  return left.length === right.length && left.every(([key, value]) => same(value, other[key]));
}

function defined([, value]: [string, unknown]): boolean {
  return value !== undefined;
}

/** The fields of a spec that differ: what a client did not mean to change. */
export function difference(spec: JsonObject, before: JsonObject): string {
  const keys = new Set([...Object.keys(spec), ...Object.keys(before)]);
  const lines = [...keys]
    .filter((key) => !same(spec[key], before[key]))
    .map((key) => `- ${key}: ${JSON.stringify(before[key])}\n+ ${key}: ${JSON.stringify(spec[key])}`);
  return `${lines.join('\n')}\n`;
}
