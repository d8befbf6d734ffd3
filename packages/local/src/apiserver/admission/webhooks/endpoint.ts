/** Where a webhook listens: a URL, or a ready endpoint behind a Service. */
import { number, record, records, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import type { ApiObject, JsonObject } from '../../registry/types.ts';

export interface Endpoint {
  /** The address as messages show it, without the query. */
  url: URL;
  host: string;
  port: number;
  /** Name that the certificate must carry. */
  serverName: string;
}

/** Throws an Error that says why the address is not known. */
export function resolveEndpoint(client: JsonObject, lookup: Lookup): Endpoint {
  if (client.url !== undefined) {
    const url = new URL(text(client.url));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return { url, host, port: Number(url.port || 443), serverName: host };
  }
  const { namespace, name, port } = record(client.service);
  const serverName = `${text(name)}.${text(namespace)}.svc`;
  return {
    url: new URL(serviceUrl(client)),
    serverName,
    ...target(text(namespace), text(name), number(port) || 443, lookup),
  };
}

/** The address of a Service as messages show it. */
export function serviceUrl(client: JsonObject): string {
  if (client.url !== undefined) return text(client.url);
  const { namespace, name, path, port } = record(client.service);
  const suffix = text(path) === '' ? '/' : text(path);
  return `https://${text(name)}.${text(namespace)}.svc:${number(port) || 443}${suffix.startsWith('/') ? '' : '/'}${suffix}`;
}

function target(namespace: string, name: string, port: number, lookup: Lookup): { host: string; port: number } {
  const service = lookup.get('/services', namespace, name);
  if (service === undefined) throw new Error(`service "${name}" not found`);
  const spec = record(service.spec);
  if (spec.type === 'ExternalName') return { host: text(spec.externalName), port };
  const servicePort = records(spec.ports).find((one) => one.port === port);
  if (servicePort === undefined) throw new Error(`no service port ${port} found for service "${name}"`);
  const found =
    fromSlices(lookup, namespace, name, servicePort) ??
    fromEndpoints(lookup.get('/endpoints', namespace, name), servicePort);
  if (found === undefined) throw new Error(`no endpoints available for service "${name}"`);
  return found;
}

function fromSlices(
  lookup: Lookup,
  namespace: string,
  service: string,
  servicePort: JsonObject,
): { host: string; port: number } | undefined {
  for (const slice of lookup.list('discovery.k8s.io/endpointslices', namespace)) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service) continue;
    const port = records(slice.ports).find((one) => text(one.name) === text(servicePort.name));
    const ready = records(slice.endpoints).find((endpoint) => record(endpoint.conditions).ready !== false);
    const host = Array.isArray(ready?.addresses) ? text(ready.addresses[0]) : '';
    if (port !== undefined && host !== '') return { host, port: number(port.port) };
  }
  return undefined;
}

function fromEndpoints(
  endpoints: ApiObject | undefined,
  servicePort: JsonObject,
): { host: string; port: number } | undefined {
  for (const subset of records(endpoints?.subsets)) {
    const port = records(subset.ports).find((one) => text(one.name) === text(servicePort.name));
    const address = records(subset.addresses)[0];
    if (port !== undefined && address !== undefined) return { host: text(address.ip), port: number(port.port) };
  }
  return undefined;
}
