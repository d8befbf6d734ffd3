/** POST, PUT, PATCH and DELETE. */

import { checkIdentity, decodeApplyBody, decodeBody, mediaType } from '../decode/body.ts';
import { jsonComplaint } from '../decode/json-error.ts';
import { PROTOBUF } from '../decode/protobuf/decode.ts';
import { pruneUnknown } from '../decode/prune.ts';
import { findTypeError } from '../decode/types.ts';
import { typeSchema } from '../kinds/schema/typeschema.ts';
import { ApiError, badRequest, methodNotAllowed } from '../registry/errors.ts';
import type { ApiObject, JsonObject, RequestContext, ResourceInfo, Subresource } from '../registry/types.ts';
import type { Target, WriteOptions } from '../verbs/core.ts';
import { createObject } from '../verbs/create.ts';
import { deleteObject } from '../verbs/delete.ts';
import { listObjects } from '../verbs/list.ts';
import { type PatchType, patchObject } from '../verbs/patch.ts';
import { updateObject } from '../verbs/update.ts';
import { readDecoded } from './body.ts';
import { contextOf, type Exchange } from './exchange.ts';
import {
  cannotHandle,
  checkApplied,
  checkCustomBody,
  checkFields,
  checkPatched,
  type Expected,
} from './field-validation.ts';
import { negotiate } from './negotiate.ts';
import { checkListOptions, checkPatchOptions, deleteOptions, listOptions, writeParameters } from './options.ts';
import { refuseListForm, sendList, sendOne } from './read.ts';
import { readBody, sendObject } from './respond.ts';

function targetOf({ info, address }: Exchange): Target {
  return {
    info,
    namespace: address.namespace,
    name: address.name ?? '',
    ...(address.subresource === undefined ? {} : { subresource: address.subresource }),
  };
}

function writeOf(exchange: Exchange, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'): WriteOptions {
  const { query, req } = exchange;
  const parameters = writeParameters(query, kind, req.headers['user-agent'] ?? '');
  const manager = query.get('fieldManager') ?? '';
  const validation = query.get('fieldValidation') ?? '';
  const options: JsonObject = {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(parameters.dryRun ? { dryRun: ['All'] } : {}),
    ...(parameters.force === undefined ? {} : { force: parameters.force }),
    ...(manager === '' ? {} : { fieldManager: manager }),
    ...(validation === '' ? {} : { fieldValidation: validation }),
  };
  return { context: contextOf(exchange, parameters), options };
}

/** What a body at this address must be: the kind itself, or that of a subresource such as Scale. */
function expectedAt({ info, address }: Exchange, handler: Subresource | undefined): Expected {
  if (handler === undefined || address.subresource === 'status') {
    return { kind: info.kind, version: info.version, schema: info.schema, info };
  }
  const { kind, group, version, schema } = handler;
  const shown = { ...info, kind, group: group ?? info.group, version: version ?? info.version, custom: false };
  return { kind, version: shown.version, schema: schema ?? info.schema, info: shown };
}

async function readObject(exchange: Exchange, context: RequestContext, expected: Expected): Promise<ApiObject> {
  const { core } = exchange;
  const { value, duplicates } = await readDecoded(exchange, expected.kind, expected.schema);
  if (expected.info.custom === true) checkCustomBody(exchange, expected, value);
  checkIdentity(
    value,
    expected.info,
    (group, version, kind) => core.registry.findKind(group, version, kind) !== undefined,
  );
  const complaint = expected.info.custom === true ? undefined : findTypeError(value, expected.schema, expected.kind);
  if (complaint !== undefined) throw cannotHandle(expected, complaint);
  checkFields(exchange, context.fieldValidation, expected, value, duplicates);
  if (expected.info.custom !== true) pruneUnknown(value, expected.schema);
  if (typeof value.metadata !== 'object' || value.metadata === null) value.metadata = {};
  return value as unknown as ApiObject;
}

function checkNamespace(object: ApiObject, { address, info }: Exchange): void {
  const sent = object.metadata.namespace ?? '';
  if (sent === (address.namespace ?? '') || (sent === '' && info.namespaced)) return;
  if (!info.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

export async function post(exchange: Exchange): Promise<void> {
  const { core, info, address, req } = exchange;
  const form = negotiate(req.headers.accept);
  refuseListForm(form, info);
  const write = writeOf(exchange, 'CreateOptions');
  const handler = handlerOf(exchange);
  const object = await readObject(exchange, write.context, expectedAt(exchange, handler));
  if (address.subresource !== undefined) {
    if (handler?.create === undefined) throw methodNotAllowed();
    const request = {
      namespace: address.namespace,
      name: address.name ?? '',
      body: object,
      query: exchange.query,
      context: write.context,
    };
    sendObject(exchange.res, 201, await handler.create(request), form.format, exchange.warnings);
    return;
  }
  checkNamespace(object, exchange);
  const created = await createObject({ core, target: targetOf(exchange), object, write });
  sendOne(exchange, 201, created, form);
}

function handlerOf({ info, address }: Exchange): Subresource | undefined {
  return address.subresource === undefined ? undefined : info.subresourceHandlers?.[address.subresource];
}

export async function put(exchange: Exchange): Promise<void> {
  const { core, info, address, req, res } = exchange;
  const form = negotiate(req.headers.accept);
  refuseListForm(form, info);
  const write = writeOf(exchange, 'UpdateOptions');
  const handler = handlerOf(exchange);
  const body = await readObject(exchange, write.context, expectedAt(exchange, handler));
  checkName(body, exchange);
  checkNamespace(body, exchange);
  const { object, created } = await updateObject({
    core,
    target: targetOf(exchange),
    write,
    verb: 'update',
    missing: info.strategy.createOnUpdate === true && address.subresource === undefined ? 'create' : 'refuse',
    change: (live) => ({ object: replaced(structuredClone(body), live, handler, write.context) }),
  });
  if (handler?.read !== undefined) sendObject(res, 200, handler.read(object), form.format, exchange.warnings);
  else sendOne(exchange, created ? 201 : 200, object, form);
}

function replaced(
  body: ApiObject,
  live: ApiObject | undefined,
  handler: Subresource | undefined,
  context: RequestContext,
): ApiObject {
  if (handler?.write !== undefined && live !== undefined) return handler.write(body, live, context);
  if (live !== undefined && body.metadata.managedFields === undefined && live.metadata.managedFields !== undefined) {
    body.metadata.managedFields = live.metadata.managedFields;
  }
  return body;
}

function checkName(object: ApiObject, { address }: Exchange): void {
  const name = address.name ?? '';
  const sent = object.metadata.name ?? '';
  if (sent === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (sent !== name) throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`);
}

const PATCH_TYPES: { readonly [type: string]: PatchType } = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

export async function patch(exchange: Exchange): Promise<void> {
  const { core, info, req, res, query } = exchange;
  const form = negotiate(req.headers.accept);
  refuseListForm(form, info);
  const type = PATCH_TYPES[mediaType(req.headers['content-type'])];
  if (type === undefined || (type === 'strategic' && info.custom === true)) throw patchTypeRefused(info);
  checkPatchOptions(query, type === 'apply');
  const write = writeOf(exchange, 'PatchOptions');
  const handler = handlerOf(exchange);
  const expected = expectedAt(exchange, handler);
  const text = await readBody(req);
  const applied = type === 'apply' ? decodeApplyBody(text) : undefined;
  const validation = write.context.fieldValidation;
  if (applied !== undefined) checkApplied(exchange, validation, expected, applied.duplicates);
  const { object, created } = await patchObject({
    core,
    target: targetOf(exchange),
    write,
    type,
    body: applied === undefined ? parsePatch(text) : structuredClone(applied.value),
    force: query.get('force') !== null && query.get('force') !== 'false',
    checkFields: (result) => checkPatched(exchange, validation, expected, result),
  });
  if (handler?.read !== undefined) sendObject(res, 200, handler.read(object), form.format, exchange.warnings);
  else sendOne(exchange, created ? 201 : 200, object, form);
}

function patchTypeRefused(info: ResourceInfo): ApiError {
  if (info.custom !== true) return new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  const accepted = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}

function parsePatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`error decoding patch: ${jsonComplaint(text)}`);
  }
}

async function readDeleteBody(exchange: Exchange): Promise<JsonObject | undefined> {
  const { req } = exchange;
  if (mediaType(req.headers['content-type']) === PROTOBUF) {
    return (await readDecoded(exchange, 'DeleteOptions', typeSchema('meta/v1.DeleteOptions'))).value;
  }
  const text = await readBody(req);
  if (text.trim() === '') return undefined;
  return decodeBody(text, mediaType(req.headers['content-type']), 'DeleteOptions').value;
}

export async function remove(exchange: Exchange): Promise<void> {
  const { core, info, address, query, res, req } = exchange;
  const form = negotiate(req.headers.accept);
  const { options, dryRun } = deleteOptions(query, await readDeleteBody(exchange));
  const write = deleteWrite(exchange, dryRun, options as JsonObject);
  const name = address.name ?? '';
  const { object, gone } = await deleteObject({ core, target: targetOf(exchange), write, options });
  if (!gone || info.strategy.returnsDeleted === true) {
    sendOne(exchange, 200, object, form);
    return;
  }
  const { uid } = object.metadata;
  const details = { name, ...(info.group === '' ? {} : { group: info.group }), kind: info.resource, uid };
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  sendObject(res, 200, status, form.format, exchange.warnings);
}

function deleteWrite(exchange: Exchange, dryRun: boolean, options: JsonObject): WriteOptions {
  const fieldManager = exchange.req.headers['user-agent'] ?? '';
  const context = contextOf(exchange, { dryRun, fieldManager, fieldValidation: 'Ignore', force: undefined });
  return { context, options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...options } };
}

export async function removeMany(exchange: Exchange): Promise<void> {
  const { core, info, address, query, req } = exchange;
  const form = negotiate(req.headers.accept);
  const selection = listOptions(query, info);
  checkListOptions(selection);
  const { options, dryRun } = deleteOptions(query, await readDeleteBody(exchange));
  const write = deleteWrite(exchange, dryRun, options as JsonObject);
  const result = await listObjects(core, info, address.namespace, selection);
  for (const entry of result.entries) {
    const { namespace, name } = entry.object.metadata;
    const target: Target = { info, namespace, name: name ?? '' };
    try {
      await deleteObject({ core, target, write, options, verb: 'deletecollection' });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
  sendList(exchange, result, form);
}
