/** What the verb pipeline calls that is written elsewhere: patches, field managers, authentication, authorization, admission. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type {
  ApiObject,
  JsonObject,
  ManagedFieldsEntry,
  RequestContext,
  ResourceInfo,
  TypeSchema,
  UserInfo,
} from './types.ts';

/** A request as authorization, admission and audit see it. */
export interface Attributes {
  /** get, list, watch, create, update, patch, delete, deletecollection; for other addresses the method in lower case. */
  verb: string;
  user: UserInfo;
  group: string;
  version: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
  /** Of a request that names no resource, e.g. `/healthz`; else undefined. */
  path?: string;
}

export interface Decision {
  allowed: boolean;
  reason: string;
}

/** What `admit` is told beside the object. */
export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  attributes: Attributes;
  info: ResourceInfo;
  object: ApiObject | undefined;
  old: ApiObject | undefined;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions. */
  options: JsonObject;
  context: RequestContext;
}

export interface ApplyInput {
  live: ApiObject | undefined;
  applied: ApiObject;
  manager: string;
  force: boolean;
  subresource?: string;
  apiVersion: string;
  schema: TypeSchema;
  /** The kind's object with nothing in it but zero values: what a created object is compared with. Absent: `{}`. */
  empty?: ApiObject;
  /** Whether there is a subresource `status`: writes of the main resource then never own it. Absent: yes. */
  hasStatus?: boolean;
  now: Date;
}

export interface TrackInput {
  live: ApiObject | undefined;
  next: ApiObject;
  manager: string;
  subresource?: string;
  apiVersion: string;
  schema: TypeSchema;
  /** The kind's object with nothing in it but zero values: what a created object is compared with. Absent: `{}`. */
  empty?: ApiObject;
  /** Whether there is a subresource `status`: writes of the main resource then never own it. Absent: yes. */
  hasStatus?: boolean;
  now: Date;
}

export interface StoreRequest {
  info: ResourceInfo;
  operation: 'CREATE' | 'UPDATE';
  object: ApiObject;
  old: ApiObject | undefined;
  dryRun: boolean;
}

export interface Hooks {
  /** undefined: the credentials were refused (401). No credentials at all: system:anonymous. */
  authenticate(request: IncomingMessage): UserInfo | undefined | Promise<UserInfo | undefined>;
  /** The user as whom the request acts: Impersonate-* headers. Throws ApiError when that is forbidden. */
  impersonate(user: UserInfo, request: IncomingMessage): UserInfo | Promise<UserInfo>;
  authorize(attributes: Attributes): Decision;
  /** Changes `object` in place at stage `mutating`; throws ApiError to refuse. */
  admit(stage: 'mutating' | 'validating', request: AdmissionRequest): Promise<void>;
  /** The last step of a create or update, synchronous with the write: addresses are taken here. Throws ApiError. */
  beforeStore(request: StoreRequest): void;
  /** A built-in kind with nothing given, as it goes over the wire; undefined for custom resources. */
  emptyObject(info: ResourceInfo): ApiObject | undefined;
  /** Documents at addresses that name no resource, e.g. of the token issuer; undefined: there is none. */
  document?(path: string): { contentType: string; body: string } | undefined;
  applyPatch(current: JsonObject, type: 'json' | 'merge' | 'strategic', body: unknown, schema: TypeSchema): JsonObject;
  serverSideApply(input: ApplyInput): { object: ApiObject };
  trackUpdate(input: TrackInput): ManagedFieldsEntry[];
  strictDecodingErrors(raw: JsonObject, schema: TypeSchema): string[];
}

/**
 * Streams into pods and proxies, done by the node. `subresource` is exec, attach, portforward, log or proxy.
 * Both are called after authentication, authorization and the existence check of the parent.
 */
export interface StreamingBackend {
  /** A plain HTTP request: log, proxy. It answers by itself. */
  request(target: StreamTarget, req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** A request with `Connection: Upgrade`: exec, attach, portforward (SPDY/3.1 or WebSocket) and proxied WebSockets. */
  upgrade(target: StreamTarget, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

export interface StreamTarget {
  resource: 'pods' | 'services' | 'nodes';
  subresource: string;
  namespace: string | undefined;
  /** As in the address: a proxy may name `scheme:name:port`. */
  name: string;
  /** What follows `/proxy`, with its slash, or empty. */
  path: string;
  query: URLSearchParams;
  /** The stored parent; absent where the name of a proxy is looked up by the backend. */
  parent: ApiObject | undefined;
  user: UserInfo;
}
