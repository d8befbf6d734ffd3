/** What the API server answers when it refuses a request (a subset of meta/v1 Status). */
export interface StatusBody {
  kind?: string;
  apiVersion?: string;
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: StatusDetails;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  retryAfterSeconds?: number;
  causes?: { reason?: string; message?: string; field?: string }[];
}

/** A refusal by the API server. `reason` is the machine-readable word of the Status, or `Unknown`. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  readonly body: StatusBody;

  constructor(status: number, body: StatusBody, request: string) {
    super(body.message ?? `${request}: the API server answered ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.reason = body.reason ?? 'Unknown';
    this.details = body.details;
    this.body = body;
  }

  /** Builds the error from an answer whose body may be a Status, or any text when a proxy answered. */
  static fromResponse(status: number, text: string, request: string): ApiError {
    return new ApiError(status, parseStatus(text), request);
  }
}

function parseStatus(text: string): StatusBody {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status') {
      return value as StatusBody;
    }
  } catch {
    // Not JSON: the text itself is the message.
  }
  const message = text.trim().slice(0, 500);
  return message === '' ? {} : { message };
}

/** No connection, a broken one, or no answer in time: nothing is known of the effect of the request. */
export class ConnectionError extends Error {
  readonly code: string;

  constructor(request: string, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(`${request}: ${detail}`, { cause });
    this.name = 'ConnectionError';
    this.code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN';
  }
}

function hasStatus(error: unknown, status: number, reason?: string): boolean {
  return error instanceof ApiError && error.status === status && (reason === undefined || error.reason === reason);
}

export const isNotFound = (error: unknown): boolean => hasStatus(error, 404);
export const isAlreadyExists = (error: unknown): boolean => hasStatus(error, 409, 'AlreadyExists');
/** The object changed since it was read (or a server-side apply met another manager). */
export const isConflict = (error: unknown): boolean => hasStatus(error, 409) && !isAlreadyExists(error);
/** The resourceVersion asked for is no longer kept: list again. */
export const isGone = (error: unknown): boolean =>
  hasStatus(error, 410) || (error instanceof ApiError && error.reason === 'Expired');
export const isForbidden = (error: unknown): boolean => hasStatus(error, 403);
export const isUnauthorized = (error: unknown): boolean => hasStatus(error, 401);
export const isInvalid = (error: unknown): boolean => hasStatus(error, 422);

/** True when the same request may succeed later without any change. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ApiError)) return false;
  return error.status === 429 || error.status >= 500 || isConflict(error);
}
