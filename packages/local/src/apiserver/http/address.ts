/** What the path of a request names. */

export type Address =
  | ResourceAddress
  | { kind: 'group'; group: string; version: string }
  | { kind: 'other'; path: string };

export interface ResourceAddress {
  kind: 'resource';
  group: string;
  version: string;
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
  /** What follows the subresource: of a proxy. Starts with a slash, or is empty. */
  rest: string;
  /** The old form `/api/v1/watch/...`. */
  watch: boolean;
}

/** `pathname` as it came, still percent-encoded. */
export function parseAddress(pathname: string): Address {
  const parts = pathname.split('/').slice(1).map(decode);
  const isCore = parts[0] === 'api';
  const used = isCore ? 2 : 3;
  if ((!isCore && parts[0] !== 'apis') || parts.length < used) return { kind: 'other', path: pathname };
  const group = isCore ? '' : (parts[1] ?? '');
  const version = parts[used - 1] ?? '';
  const rest = parts.slice(used);
  if (rest.length === 0 || (rest.length === 1 && rest[0] === '')) return { kind: 'group', group, version };
  if (rest[0] === 'watch') return resourceAddress(group, version, rest.slice(1), true);
  return resourceAddress(group, version, rest, false);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

function resourceAddress(group: string, version: string, parts: readonly string[], watch: boolean): ResourceAddress {
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] ?? '');
  const namespace = inNamespace ? parts[1] : undefined;
  const [resource = '', name, subresource, ...rest] = inNamespace ? parts.slice(2) : parts;
  return {
    kind: 'resource',
    group,
    version,
    resource,
    namespace,
    name: name === '' ? undefined : name,
    subresource: subresource === '' ? undefined : subresource,
    rest: rest.length === 0 ? '' : `/${rest.join('/')}`,
    watch,
  };
}
