/** PATCH: the body is an instruction; what comes out goes the way of every update. */

import { groupVersion, splitGroupVersion } from '../decode/body.ts';
import { findTypeError } from '../decode/types.ts';
import { type ApiError, badRequest, invalid } from '../registry/errors.ts';
import type { ApiObject, JsonObject, ResourceInfo } from '../registry/types.ts';
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
function checkResult({ target, core }: PatchInput, result: JsonObject, shown: ApiObject): void {
  const { info } = target;
  if (info.custom !== true && (target.subresource === undefined || target.subresource === 'status')) {
    checkTypes(core, info, result);
  }
  if (typeof result.metadata !== 'object' || result.metadata === null) result.metadata = {};
  checkName(target, (result.metadata as JsonObject).name, shown.metadata.name);
}

function checkName(target: Target, sent: unknown, expected: string | undefined): void {
  if (sent === expected) return;
  if (typeof sent !== 'string' || sent === '') {
    const name = `the name of the object (${target.name} based on URL)`;
    throw badRequest(`${name} was undeterminable: name must be provided`);
  }
  throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${target.name})`);
}

/** The result is read as the kind that it says it is, which a patch may have changed. */
function checkTypes(core: Core, info: ResourceInfo, result: JsonObject): void {
  const [group, version] = splitGroupVersion(String(result.apiVersion ?? ''));
  const kind = String(result.kind ?? '');
  const other = core.registry.findKind(group, version, kind);
  const unknown = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(result.apiVersion ?? '')}`;
  const complaint = other === undefined ? unknown : findTypeError(result, other.schema, kind);
  if (complaint !== undefined) throw unreadable(result, complaint);
  if (other !== info) throw unreadable(result, `${kind} is not ${info.kind}`);
}

const IDENTITY = ['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation'];
const TIMES = ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'];
const REST = ['labels', 'annotations', 'ownerReferences', 'finalizers', 'managedFields'];

function unreadable(result: JsonObject, complaint: string): ApiError {
  const order = [...IDENTITY, ...TIMES, ...REST];
  const rank = (key: string): number => (order.indexOf(key) + order.length + 1) % (order.length + 1);
  const entries = Object.entries((result.metadata ?? {}) as JsonObject).sort(([a], [b]) => rank(a) - rank(b));
  const sorted = Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = { ...Object.fromEntries(sorted), metadata: Object.fromEntries(entries) };
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(shown))}: ${complaint}`;
  return invalid('', '', '', [{ field: 'patch', reason: 'FieldValueInvalid', message }]);
}

function applied(input: PatchInput, live: ApiObject | undefined): { object: ApiObject; managed: true } {
  const { core, target, write } = input;
  const { info } = target;
  const body = structuredClone(input.body) as ApiObject;
  const sent = (body.metadata as ApiObject['metadata'] | undefined)?.name;
  if (sent !== undefined) checkName(target, sent, target.name);
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
  object.metadata.name ??= target.name;
  return { object, managed: true };
}
