/** What a pod may learn of itself: fieldRef and resourceFieldRef. */
import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from 'kubernetes-types/core/v1.d.ts';
import { quantity } from '../runtime/quantity.ts';
import type { Stored } from '../runtime/resources.ts';

/** What is decided by the node rather than written in the pod. */
export interface Placement {
  readonly podIP: string;
  readonly hostIP: string;
}

export class FieldError extends Error {
  override readonly name = 'FieldError';
}

export function fieldValue(pod: Stored<Pod>, { fieldPath }: ObjectFieldSelector, placement: Placement): string {
  const { metadata, spec } = pod;
  const entry = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (entry) return metadata[entry[1] === 'labels' ? 'labels' : 'annotations']?.[entry[2] ?? ''] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': lines(metadata.labels),
    'metadata.annotations': lines(metadata.annotations),
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'status.podIP': placement.podIP,
    'status.podIPs': placement.podIP,
    'status.hostIP': placement.hostIP,
    'status.hostIPs': placement.hostIP,
  };
  const value = fields[fieldPath];
  if (value === undefined) throw new FieldError(`unsupported fieldPath: ${fieldPath}`);
  return value;
}

function lines(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
    .join('\n');
}

/** Without a limit the whole machine counts. */
export function resourceValue(
  container: Container | undefined,
  { resource, divisor }: ResourceFieldSelector,
  machine: Readonly<Record<string, string>>,
): string {
  const [kind, name = ''] = resource.split('.', 2);
  const { requests, limits } = container?.resources ?? {};
  const amount = kind === 'limits' ? (limits?.[name] ?? machine[name]) : (requests?.[name] ?? limits?.[name]);
  const unit = divisor === undefined || divisor === '0' ? 1 : quantity(divisor);
  return String(Math.ceil(quantity(amount) / unit));
}
