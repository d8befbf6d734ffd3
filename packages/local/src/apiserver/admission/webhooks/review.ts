/** The question that a webhook is asked, and what its answer says. */
import { randomUUID } from 'node:crypto';
import { record, strings, text } from '../../kinds/columns/format.ts';
import { ApiError, type StatusDetails } from '../../registry/errors.ts';
import type { AdmissionRequest } from '../../registry/hooks.ts';
import type { ApiObject, JsonObject, ResourceInfo } from '../../registry/types.ts';

/** The answer cannot be used: like a call that failed. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
}

export interface Review {
  uid: string;
  body: string;
}

export interface Verdict {
  allowed: boolean;
  status: JsonObject;
  warnings: string[];
  /** A JSON patch, decoded. */
  patch: unknown;
}

function apiVersionOf(info: ResourceInfo): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`;
}

function inVersion(object: ApiObject | undefined, info: ResourceInfo): ApiObject | null {
  return object === undefined ? null : { ...object, apiVersion: apiVersionOf(info), kind: info.kind };
}

/** Patches are updates to a webhook, and so are their options. */
function options(request: AdmissionRequest): JsonObject | null {
  if (Object.keys(request.options).length === 0) return null;
  const { force: _force, ...rest } = request.options;
  const kind = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: '' }[
    request.operation
  ];
  return { ...rest, kind: kind || (rest.kind ?? null), apiVersion: 'meta.k8s.io/v1' };
}

/** `info`: the version in which the webhook wants the object. */
export function buildReview(request: AdmissionRequest, info: ResourceInfo, version: string): Review {
  const uid = randomUUID();
  const { attributes, context, operation } = request;
  const names = (of: ResourceInfo): JsonObject => ({ group: of.group, version: of.version });
  const sub = attributes.subresource;
  const isNamespace = request.info.group === '' && request.info.resource === 'namespaces';
  const namespace = isNamespace ? attributes.name : attributes.namespace;
  const { user } = context;
  const question = {
    uid,
    kind: { ...names(info), kind: info.kind },
    resource: { ...names(info), resource: info.resource },
    ...(sub === '' ? {} : { subResource: sub }),
    requestKind: { ...names(request.info), kind: request.info.kind },
    requestResource: { ...names(request.info), resource: request.info.resource },
    ...(sub === '' ? {} : { requestSubResource: sub }),
    // What is deleted with a whole collection was not asked for by name.
    ...(attributes.name === '' || attributes.verb === 'deletecollection' ? {} : { name: attributes.name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    object: operation === 'DELETE' ? null : inVersion(request.object, info),
    oldObject: operation === 'CREATE' ? null : inVersion(request.old, info),
    dryRun: context.dryRun,
    options: options(request),
  };
  const body = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request: question };
  return { uid, body: JSON.stringify(body) };
}

/** Reads an answer. Throws ReviewError when it is none. */
export function readVerdict(text_: string, uid: string, mutating: boolean): Verdict {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text_);
  } catch (error) {
    throw new ReviewError(
      `failed to call webhook: couldn't parse the answer: ${error instanceof Error ? error.message : ''}`,
    );
  }
  const response = record(parsed).response;
  if (response === undefined || response === null) throw invalidAnswer('webhook response was absent');
  const answer = record(response);
  if (text(answer.uid) !== uid) {
    throw invalidAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(text(answer.uid))}`);
  }
  const patch = readPatch(answer, mutating);
  return {
    allowed: answer.allowed === true,
    status: record(answer.status),
    warnings: strings(answer.warnings),
    patch,
  };
}

function invalidAnswer(why: string): ReviewError {
  return new ReviewError(`received invalid webhook response: ${why}`);
}

function readPatch(answer: JsonObject, mutating: boolean): unknown {
  const type = text(answer.patchType);
  if (answer.patch === undefined || answer.patch === null) {
    if (type !== '' && mutating) throw invalidAnswer('webhook returned response.patchType but not response.patch');
    return undefined;
  }
  if (!mutating) throw invalidAnswer('webhook response.patch may not be set');
  if (type !== 'JSONPatch') {
    throw invalidAnswer(`webhook returned invalid response.patchType of ${JSON.stringify(type)}`);
  }
  return JSON.parse(Buffer.from(text(answer.patch), 'base64').toString('utf8'));
}

/** The refusal that a webhook asked for. */
export function refusalOf(name: string, status: JsonObject): ApiError {
  const start = `admission webhook ${JSON.stringify(name)} denied the request`;
  const reason = text(status.reason);
  const why = text(status.message) || reason;
  const message = why === '' ? `${start} without explanation` : `${start}: ${why}`;
  const code = typeof status.code === 'number' && status.code >= 400 ? status.code : 400;
  const details = status.details === undefined ? undefined : (status.details as StatusDetails);
  return new ApiError(code, reason === '' ? undefined : reason, message, details);
}
