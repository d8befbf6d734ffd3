/** Refusals as the API speaks them: a Status object with a reason. */

import type { FieldError, JsonObject, ResourceInfo } from './types.ts';

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export class ApiError extends Error {
  readonly code: number;
  readonly reason: string | undefined;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string | undefined, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details as JsonObject }),
      code: this.code,
    };
  }
}

/** Name and group of a resource, as `details` has them. */
type Named = Pick<ResourceInfo, 'group' | 'resource'>;

/** `configmaps`, `deployments.apps`: a resource in messages. */
export function qualified(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function details(group: string, kind: string, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
  };
}

export function notFound(info: Named, name: string): ApiError {
  const message = `${qualified(info.group, info.resource)} "${name}" not found`;
  return new ApiError(404, 'NotFound', message, details(info.group, info.resource, name));
}

/** No such address. */
export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(info: Named, name: string): ApiError {
  const message = `${qualified(info.group, info.resource)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', message, details(info.group, info.resource, name));
}

/** `kind` is a resource for writes that lost a race, a Kind for preconditions of a DELETE. */
export function conflict(group: string, kind: string, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(group, kind)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, details(group, kind, name));
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function forbidden(info: Named, name: string, why: string, causes?: StatusCause[]): ApiError {
  const subject = name === '' ? '' : ` "${name}"`;
  const message = `${qualified(info.group, info.resource)}${subject} is forbidden: ${why}`;
  return new ApiError(403, 'Forbidden', message, {
    ...details(info.group, info.resource, name),
    ...(causes === undefined ? {} : { causes }),
  });
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** 410: a version or a paging token that history no longer holds. */
export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

export function internal(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** 507: the state cannot grow. Nothing of the write has happened. */
export function storageFull(path: string): ApiError {
  const message = `the disk is full: nothing can be written to ${path}; free some space on it and try again`;
  return new ApiError(507, 'InsufficientStorage', message);
}

/** 422 with one cause for each field. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): ApiError {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualified(group, kind)} "${name}" is invalid: ${list}`, {
    ...details(group, kind, name),
    causes: errors.map((error) => ({ reason: error.reason, message: error.message, field: error.field })),
  });
}
