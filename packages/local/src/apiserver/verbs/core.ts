/** What every verb works with, and how a stored object and a served one relate. */

import { groupVersion } from '../decode/body.ts';
import type { Hooks } from '../registry/hooks.ts';
import type { Registry } from '../registry/registry.ts';
import type { ApiObject, JsonObject, RequestContext, ResourceInfo } from '../registry/types.ts';
import type { Entry } from '../storage/entry.ts';
import type { Store } from '../storage/store.ts';

export interface Core {
  store: Store;
  registry: Registry;
  hooks: Hooks;
  now(): Date;
  /** The version at which a custom resource came or changed: older watches of it begin anew. */
  availableSince(info: ResourceInfo): number;
}

/** The resource, and which object of it, a request is about. */
export interface Target {
  info: ResourceInfo;
  namespace: string | undefined;
  name: string;
  subresource?: string;
}

export interface WriteOptions {
  context: RequestContext;
  /** CreateOptions, UpdateOptions ... for admission. */
  options: JsonObject;
}

/** `group/resource`: the table of the store. */
export function tableOf(info: ResourceInfo): string {
  const { group, resource } = info.storedAs ?? info;
  return `${group}/${resource}`;
}

export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function prefixOf(namespace: string | undefined): string {
  return namespace === undefined ? '' : `${namespace}/`;
}

function storedAsIs(info: ResourceInfo): boolean {
  return info.version === info.storageVersion && info.fromStorage === undefined && info.storedAs === undefined;
}

/** A copy of the object in the version of `info`. */
export function served(info: ResourceInfo, entry: Entry): ApiObject {
  const object = entry.copy();
  return storedAsIs(info) ? object : convert(info, object);
}

/** The same without a copy: only to be looked at. */
export function view(info: ResourceInfo, entry: Entry): ApiObject {
  return storedAsIs(info) ? entry.object : convert(info, entry.copy());
}

function convert(info: ResourceInfo, object: ApiObject): ApiObject {
  const converted = info.fromStorage === undefined ? object : info.fromStorage(object);
  return ordered(converted, groupVersion(info.group, info.version), info.kind);
}

/** The text of the object in the version of `info`. */
export function servedJson(info: ResourceInfo, entry: Entry): string {
  return storedAsIs(info) ? entry.json : JSON.stringify(convert(info, entry.copy()));
}

/** The text as an item of a list: items of built-in kinds go without `kind` and `apiVersion`. */
export function itemJson(info: ResourceInfo, entry: Entry): string {
  const json = servedJson(info, entry);
  if (info.custom === true) return json;
  const head = `{"kind":${JSON.stringify(info.kind)},"apiVersion":${JSON.stringify(groupVersion(info.group, info.version))},`;
  return json.startsWith(head) ? `{${json.slice(head.length)}` : json;
}

/** The object as it goes into the store. */
export function toStored(info: ResourceInfo, object: ApiObject): ApiObject {
  const converted = info.toStorage === undefined ? object : info.toStorage(object);
  const group = info.storedAs?.group ?? info.group;
  return ordered(converted, groupVersion(group, info.storageVersion), info.kind);
}

/** `kind`, `apiVersion` and `metadata` first: `itemJson` counts on it. */
function ordered(object: ApiObject, apiVersion: string, kind: string): ApiObject {
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = object;
  return { kind, apiVersion, metadata, ...rest };
}

/** Two objects that differ at most in the times of their managedFields. */
export function sameObject(a: ApiObject, b: ApiObject): boolean {
  return comparable(a) === comparable(b);
}

function comparable(object: ApiObject): string {
  const { managedFields, resourceVersion: _version, ...metadata } = object.metadata;
  const fields = (managedFields ?? []).map(({ time: _time, ...entry }) => entry);
  return canonical({ ...object, metadata: { ...metadata, managedFields: fields } });
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Times go over the wire without fractions of a second. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
