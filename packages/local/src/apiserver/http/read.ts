/** GET of an object and of a list. */

import { groupVersion } from '../decode/body.ts';
import { ApiError, notFound } from '../registry/errors.ts';
import type { ApiObject, JsonObject, ResourceInfo } from '../registry/types.ts';
import { includeObject, metadataOnly, renderTable } from '../table/table.ts';
import { itemJson, keyOf, served, servedJson, tableOf, view } from '../verbs/core.ts';
import { type ListResult, listObjects } from '../verbs/list.ts';
import type { Exchange } from './exchange.ts';
import { negotiate, type Representation } from './negotiate.ts';
import { checkListOptions, checkVersion, listOptions } from './options.ts';
import { sendJson, sendObject } from './respond.ts';

export function getOne(exchange: Exchange): void {
  const { core, address, info, res, query, warnings } = exchange;
  const name = address.name ?? '';
  const form = negotiate(exchange.req.headers.accept);
  refuseListForm(form, info);
  checkVersion(query.get('resourceVersion') ?? '');
  const entry = core.store.get(tableOf(info), keyOf(address.namespace, name));
  if (entry === undefined) throw notFound(scaleOf(info, address.subresource), name);
  const handler = address.subresource === undefined ? undefined : info.subresourceHandlers?.[address.subresource];
  if (handler?.read !== undefined) {
    sendObject(res, 200, handler.read(served(info, entry)), form.format, warnings);
    return;
  }
  if (form.as === 'none' && form.format === 'json') sendJson(res, 200, servedJson(info, entry), warnings);
  else sendOne(exchange, 200, view(info, entry), form);
}

/** The scale of a built-in kind that is not there is missed under its own name. */
function scaleOf(info: ResourceInfo, subresource: string | undefined): Pick<ResourceInfo, 'group' | 'resource'> {
  if (subresource !== 'scale' || info.custom === true) return info;
  return { group: info.group, resource: `${info.resource}/scale` };
}

/** One object in the form that the client asked for: the answer of every verb but lists and watches. */
export function sendOne(exchange: Exchange, status: number, object: ApiObject, form: Representation): void {
  const { res, info, core, query, warnings } = exchange;
  if (form.as === 'none') {
    sendObject(res, status, object, form.format, warnings);
  } else if (form.as === 'PartialObjectMetadata') {
    sendObject(res, status, metadataOnly(object, form.asVersion), form.format, warnings);
  } else {
    const { resourceVersion } = object.metadata;
    const table = renderTable({
      info,
      objects: [object],
      metadata: resourceVersion === undefined ? {} : { resourceVersion },
      version: form.asVersion,
      include: includeObject(query),
      now: core.now(),
      definitions: true,
    });
    sendObject(res, status, table, form.format, warnings);
  }
}

function goKind(info: ResourceInfo, list: boolean): string {
  if (info.custom === true) return list ? '*unstructured.UnstructuredList' : '*unstructured.Unstructured';
  const internal = info.group === '' ? 'core' : (info.group.split('.')[0] ?? '');
  return `*${internal}.${list ? info.listKind : info.kind}`;
}

export function refuseListForm(form: Representation, info: ResourceInfo): void {
  if (form.as !== 'PartialObjectMetadataList') return;
  const message = `you requested PartialObjectMetadataList, but the requested object is not a list (${goKind(info, false)})`;
  throw new ApiError(406, 'NotAcceptable', message);
}

export async function getList(exchange: Exchange): Promise<void> {
  const { core, address, info, query } = exchange;
  const form = negotiate(exchange.req.headers.accept, true);
  const options = listOptions(query, info);
  checkListOptions(options);
  const result = await listObjects(core, info, address.namespace, options);
  sendList(exchange, result, form);
}

/** Lists of custom resources always have the field. */
function continuation(info: ResourceInfo, { continueToken }: ListResult, form: Representation): JsonObject {
  if (continueToken !== undefined) return { continue: continueToken };
  return info.custom === true && form.as === 'none' ? { continue: '' } : {};
}

export function sendList(exchange: Exchange, result: ListResult, form: Representation): void {
  const { info, res, warnings, core, query } = exchange;
  const metadata: JsonObject = {
    resourceVersion: String(result.version),
    ...continuation(info, result, form),
    ...(result.remaining === undefined ? {} : { remainingItemCount: result.remaining }),
  };
  if (form.as === 'PartialObjectMetadata') {
    const message = `you requested PartialObjectMetadata, but the requested object is a list (${goKind(info, true)})`;
    throw new ApiError(406, 'NotAcceptable', message);
  }
  if (form.as === 'Table') {
    const objects = result.entries.map((entry) => view(info, entry));
    const include = includeObject(query);
    const now = core.now();
    const table = renderTable({ info, objects, metadata, version: form.asVersion, include, now, definitions: true });
    sendObject(res, 200, table, form.format, warnings);
    return;
  }
  if (form.as === 'PartialObjectMetadataList') {
    const items = result.entries.map((entry) => metadataOnly(view(info, entry), form.asVersion));
    const list = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${form.asVersion}`, metadata, items };
    sendObject(res, 200, list, form.format, warnings);
    return;
  }
  const head = { kind: info.listKind, apiVersion: groupVersion(info.group, info.version), metadata };
  const items = result.entries.map((entry) => itemJson(info, entry)).join(',');
  const json = `${JSON.stringify(head).slice(0, -1)},"items":[${items}]}`;
  if (form.format === 'json') sendJson(res, 200, json, warnings);
  else sendObject(res, 200, JSON.parse(json), form.format, warnings);
}
