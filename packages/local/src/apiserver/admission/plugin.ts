/** What a part of admission looks like. */
import type { AdmissionRequest } from '../registry/hooks.ts';

/**
 * One rule of the server for writes. `mutate` may change the object of the request and may run more than once on it;
 * both throw ApiError to refuse.
 */
export interface AdmissionPlugin {
  handles(request: AdmissionRequest): boolean;
  mutate?(request: AdmissionRequest): void;
  validate?(request: AdmissionRequest): void;
}

/** Whether a request is about objects of a resource as such, not about a subresource. */
export function isAbout({ info, attributes }: AdmissionRequest, group: string, resource: string): boolean {
  return info.group === group && info.resource === resource && attributes.subresource === '';
}

export function creates(request: AdmissionRequest, group: string, resource: string): boolean {
  return request.operation === 'CREATE' && isAbout(request, group, resource);
}
