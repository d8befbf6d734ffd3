/** Validation of Services. */
import { checkLabelName, checkSubdomain } from '../../meta/names.ts';
import { validateLabels } from '../../meta/validate.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { record, records, strings, text } from '../columns/format.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalidText,
  oneOf,
  portNumber,
  portReference,
  required,
  shownStrings,
} from './problems.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export function isHeadless(spec: JsonObject): boolean {
  return text(spec.clusterIP) === 'None';
}

export function validateService(service: ApiObject): FieldError[] {
  const spec = record(service.spec);
  const ports = records(spec.ports);
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  if (spec.type === 'ExternalName') errors.push(...validateExternalName(spec));
  errors.push(...ports.flatMap((port, index) => validatePort(port, `spec.ports[${index}]`, ports, index, spec)));
  errors.push(...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
  errors.push(...oneOf('spec.type', spec.type, TYPES));
  errors.push(...validateLabels(record(spec.selector) as { [key: string]: string }, 'spec.selector'));
  if (spec.externalTrafficPolicy !== undefined) {
    errors.push(...oneOf('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']));
  }
  if (spec.internalTrafficPolicy !== undefined) {
    errors.push(...oneOf('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']));
  }
  return errors;
}

function validateExternalName(spec: JsonObject): FieldError[] {
  const name = text(spec.externalName).replace(/\.$/, '');
  const errors: FieldError[] = [];
  if (strings(spec.clusterIPs).length > 0 || text(spec.clusterIP) !== '') {
    errors.push(forbidden('spec.clusterIPs', "may not be set when `type` is 'ExternalName'"));
  }
  if (name === '') errors.push(required('spec.externalName'));
  else errors.push(...checkSubdomain(name).map((why) => invalid('spec.externalName', name, why)));
  return errors;
}

function validatePort(
  port: JsonObject,
  field: string,
  all: JsonObject[],
  index: number,
  spec: JsonObject,
): FieldError[] {
  const errors: FieldError[] = [];
  const name = text(port.name);
  if (name === '') {
    if (all.length > 1) errors.push(required(`${field}.name`));
  } else {
    errors.push(...checkLabelName(name).map((why) => invalid(`${field}.name`, name, why)));
    if (all.slice(0, index).some((other) => other.name === name)) errors.push(duplicate(`${field}.name`, name));
  }
  errors.push(...portNumber(`${field}.port`, port.port));
  if (text(port.protocol) === '') errors.push(required(`${field}.protocol`));
  else errors.push(...oneOf(`${field}.protocol`, port.protocol, PROTOCOLS));
  errors.push(...portReference(`${field}.targetPort`, port.targetPort ?? 0));
  if (
    typeof port.nodePort === 'number' &&
    port.nodePort !== 0 &&
    (spec.type === 'ClusterIP' || spec.type === 'ExternalName')
  ) {
    errors.push(forbidden(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
  }
  const same = all.slice(0, index).some((other) => other.port === port.port && other.protocol === port.protocol);
  if (same) errors.push({ field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shownPort(port)}` });
  return errors;
}

function shownPort(port: JsonObject): string {
  const target = port.targetPort;
  const reference =
    typeof target === 'string'
      ? `{Type:1, IntVal:0, StrVal:${JSON.stringify(target)}}`
      : `{Type:0, IntVal:${target}, StrVal:""}`;
  return (
    `core.ServicePort{Name:"", Protocol:${JSON.stringify(port.protocol)}, AppProtocol:(*string)(nil), Port:${text(port.port)}, ` +
    `TargetPort:intstr.IntOrString${reference}, NodePort:${text(port.nodePort ?? 0)}}`
  );
}

export function validateServiceUpdate(service: ApiObject, old: ApiObject): FieldError[] {
  const errors = validateService(service);
  const [spec, before] = [record(service.spec), record(old.spec)];
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return errors;
  const [now, then] = [strings(spec.clusterIPs), strings(before.clusterIPs)];
  if (then[0] !== undefined && now[0] !== then[0]) {
    errors.push(invalidText('spec.clusterIPs[0]', shownStrings(now), 'may not change once set'));
  }
  if (text(spec.clusterIP) !== (now[0] ?? '')) {
    errors.push(invalidText('spec.clusterIPs', shownStrings(now), 'first value must match `clusterIP`'));
  }
  return errors;
}
