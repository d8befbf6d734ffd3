/** PATCH: the body is an instruction; what comes out goes the way of every update. */

import { groupVersion } from '../decode/body.ts';
import { findTypeError } from '../decode/types.ts';
import { type ApiError, badRequest } from '../registry/errors.ts';
import type { ApiObject, JsonObject } from '../registry/types.ts';
import type { Core, Target, WriteOptions } from './core.ts';
import { type UpdateResult, updateObject } from './update.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchInput {
  core: Core;
  target: Target;
  write: WriteOptions;
  type: PatchType;
  body: unknown;
  /** Of an apply: take fields over from other managers. */
  force: boolean;
  /** Unknown fields of the result are refused or warned of, by the request's fieldValidation. */
  checkFields(object: JsonObject): void;
}

export function patchObject(input: PatchInput): Promise<UpdateResult> {
  const { core, target, write } = input;
  const creates = input.type === 'apply' && target.subresource === undefined;
  return updateObject({
    core,
    target,
    write,
    verb: 'patch',
    missing: creates ? 'create' : 'refuse',
    change: (live) => (input.type === 'apply' ? applied(input, live) : { object: patched(input, live) }),
  });
}

function patched(input: PatchInput, live: ApiObject | undefined): ApiObject {
  const { target, core } = input;
  if (live === undefined) throw badRequest('there is no object to patch');
  const handler = target.subresource === undefined ? undefined : target.info.subresourceHandlers?.[target.subresource];
  const schema = handler?.schema ?? target.info.schema;
  const shown = handler?.read === undefined ? live : handler.read(live);
  const type = input.type === 'apply' ? 'merge' : input.type;
  const result = core.hooks.applyPatch(shown as unknown as JsonObject, type, input.body, schema);
  input.checkFields(result);
  checkResult(input, result, shown);
  const object = result as unknown as ApiObject;
  return handler?.write === undefined ? object : handler.write(object, live, input.write.context);
}

/** A patch may not turn the object into another one, nor give a field a value of another type. */
function checkResult({ target }: PatchInput, result: JsonObject, shown: ApiObject): void {
  const { info } = target;
  if (typeof result.metadata !== 'object' || result.metadata === null) result.metadata = {};
  const name = (result.metadata as JsonObject).name;
  if (name !== shown.metadata.name) {
    const sent = typeof name === 'string' ? name : '';
    if (sent === '')
      throw badRequest(
        `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
      );
    throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${target.name})`);
  }
  if (target.subresource !== undefined && target.subresource !== 'status') return;
  const complaint = findTypeError(result, info.schema, info.kind);
  if (complaint !== undefined && info.custom !== true) throw undecodable(complaint);
}

function undecodable(complaint: string): ApiError {
  return badRequest(complaint);
}

function applied(input: PatchInput, live: ApiObject | undefined): { object: ApiObject; managed: true } {
  const { core, target, write } = input;
  const { info } = target;
  const body = structuredClone(input.body) as ApiObject;
  body.metadata ??= {};
  const { metadata } = body;
  metadata.name ??= target.name;
  if (target.namespace !== undefined) metadata.namespace ??= target.namespace;
  const empty = live === undefined ? core.hooks.emptyObject(info) : undefined;
  const { object } = core.hooks.serverSideApply({
    live,
    ...(empty === undefined ? {} : { empty }),
    applied: body,
    manager: write.context.fieldManager,
    force: input.force,
    ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
    apiVersion: groupVersion(info.group, info.version),
    schema: info.schema,
    hasStatus: info.subresources.includes('status'),
    now: core.now(),
  });
  return { object, managed: true };
}
