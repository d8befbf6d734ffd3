/** Validation of Endpoints and EndpointSlices. */
import { checkLabelName } from '../../meta/names.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { records, strings, text } from '../columns/format.ts';
import { IMMUTABLE, invalid, isIP, isIPv4, oneOf, portNumber, required } from './problems.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** What an address of a pod may not be. Pods of a cluster on one machine live on the loopback, so there it is allowed. */
export interface AddressRules {
  loopbackAllowed: boolean;
}

function specialAddress(field: string, address: string, rules: AddressRules): FieldError[] {
  const refused = (range: string): FieldError[] => [invalid(field, address, `may not be in the ${range}`)];
  if (address === '0.0.0.0' || address === '::')
    return [invalid(field, address, `may not be unspecified (${address})`)];
  if (!rules.loopbackAllowed && (address.startsWith('127.') || address === '::1'))
    return refused('loopback range (127.0.0.0/8, ::1/128)');
  if (address.startsWith('169.254.') || /^fe[89ab]/i.test(address))
    return refused('link-local range (169.254.0.0/16, fe80::/10)');
  if (address.startsWith('224.0.0.')) return refused('link-local multicast range (224.0.0.0/24, ff02::/10)');
  return [];
}

export function validateEndpoints(object: ApiObject, rules: AddressRules): FieldError[] {
  return records(object.subsets).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`, rules));
}

function validateSubset(subset: JsonObject, field: string, rules: AddressRules): FieldError[] {
  const errors: FieldError[] = [];
  if (records(subset.addresses).length + records(subset.notReadyAddresses).length === 0) {
    errors.push(required(field, 'must specify `addresses` or `notReadyAddresses`'));
  }
  for (const list of ['addresses', 'notReadyAddresses']) {
    for (const [index, address] of records(subset[list]).entries()) {
      const at = `${field}.${list}[${index}].ip`;
      const ip = text(address.ip);
      if (!isIP(ip)) errors.push(invalid(at, ip, 'must be a valid IP address'));
      else errors.push(...specialAddress(at, ip, rules));
    }
  }
  const ports = records(subset.ports);
  for (const [index, port] of ports.entries()) {
    const at = `${field}.ports[${index}]`;
    const name = text(port.name);
    if (name === '' && ports.length > 1) errors.push(required(`${at}.name`));
    if (name !== '') errors.push(...checkLabelName(name).map((why) => invalid(`${at}.name`, name, why)));
    errors.push(...portNumber(`${at}.port`, port.port));
    errors.push(...oneOf(`${at}.protocol`, port.protocol, PROTOCOLS));
  }
  return errors;
}

export function validateSlice(object: ApiObject, rules: AddressRules): FieldError[] {
  const errors = oneOf('addressType', object.addressType, ['FQDN', 'IPv4', 'IPv6']);
  for (const [index, endpoint] of records(object.endpoints).entries()) {
    const field = `endpoints[${index}].addresses`;
    const addresses = strings(endpoint.addresses);
    if (addresses.length === 0) errors.push(required(field, 'must contain at least 1 address'));
    for (const [at, address] of addresses.entries()) {
      errors.push(...validateSliceAddress(address, `${field}[${at}]`, text(object.addressType), rules));
    }
  }
  const names = new Set<string>();
  for (const [index, port] of records(object.ports).entries()) {
    const name = text(port.name);
    const field = `ports[${index}]`;
    if (name !== '') errors.push(...checkLabelName(name).map((why) => invalid(`${field}.name`, name, why)));
    if (names.has(name))
      errors.push({
        field: `${field}.name`,
        reason: 'FieldValueDuplicate',
        message: `Duplicate value: ${JSON.stringify(name)}`,
      });
    names.add(name);
    errors.push(...oneOf(`${field}.protocol`, port.protocol, PROTOCOLS));
  }
  return errors;
}

function validateSliceAddress(address: string, field: string, type: string, rules: AddressRules): FieldError[] {
  if (type === 'FQDN') return [];
  const errors: FieldError[] = [];
  if (!isIP(address)) errors.push(invalid(field, address, 'must be a valid IP address'));
  if (type === 'IPv4') {
    if (!isIPv4(address)) errors.push(invalid(field, address, 'must be a valid IPv4 address'));
  } else if (!isIP(address) || isIPv4(address)) {
    errors.push(invalid(field, address, 'must be a valid IPv6 address'));
  }
  return [...errors, ...(isIP(address) ? specialAddress(field, address, rules) : [])];
}

export function validateSliceUpdate(object: ApiObject, old: ApiObject, rules: AddressRules): FieldError[] {
  const changed = object.addressType !== old.addressType;
  // What the addresses must be follows from the type that cannot change.
  const errors = validateSlice({ ...object, addressType: old.addressType }, rules);
  return changed ? [invalid('addressType', object.addressType, IMMUTABLE), ...errors] : errors;
}
