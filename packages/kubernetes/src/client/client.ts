import type { ListMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { ClientConfig } from '../config/types.ts';
import { ApiError } from '../errors.ts';
import { apiVersionOf, type KubernetesObject, type ObjectKey, type ResourceType, resourcePath } from '../resource.ts';
import { resources } from '../resources.ts';
import { type ExecOptions, type ExecResult, execInPod } from './exec.ts';
import { createTransport, flatHeaders, readBody, type Transport } from './transport.ts';
import { type WatchEvent, watchEvents } from './watch.ts';

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  signal?: AbortSignal;
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  allowBookmarks?: boolean;
  timeoutSeconds?: number;
}

export interface WriteOptions {
  subresource?: string;
  fieldManager?: string;
  dryRun?: boolean;
  signal?: AbortSignal;
}

export interface PatchBody {
  type: 'merge' | 'json' | 'strategic' | 'apply';
  body: unknown;
}

export interface DeleteOptions {
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  signal?: AbortSignal;
}

export interface RawOptions {
  body?: string | Buffer;
  headers?: Record<string, string>;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A thin, typed client of the API server. Every refusal is an ApiError, every lost connection a ConnectionError. */
export interface Client {
  readonly config: ClientConfig;
  get<T extends KubernetesObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    options?: { subresource?: string; signal?: AbortSignal },
  ): Promise<T>;
  list<T extends KubernetesObject>(
    type: ResourceType<T>,
    options?: ListOptions,
  ): Promise<{ metadata: ListMeta; items: T[] }>;
  watch<T extends KubernetesObject>(type: ResourceType<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  replace<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patch: PatchBody,
    options?: WriteOptions & { force?: boolean },
  ): Promise<T>;
  delete<T extends KubernetesObject>(type: ResourceType<T>, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  deleteCollection<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: ListOptions & DeleteOptions,
  ): Promise<void>;
  exec(pod: ObjectKey, options: ExecOptions): Promise<ExecResult>;
  /** One request on any path; does not throw for an error status. */
  request(method: string, path: string, options?: RawOptions): Promise<RawResponse>;
  /** The body of a GET as it arrives, such as a followed log. Throws an ApiError for an error status. */
  stream(path: string, signal?: AbortSignal): AsyncIterable<Buffer>;
  /** Closes kept connections. */
  close(): void;
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

const requestTimeoutMs = 30_000;

export function createClient(config: ClientConfig): Client {
  const transport = createTransport(config);
  const call = <T>(method: string, path: string, body?: unknown, options?: CallOptions) =>
    json<T>(transport, method, path, body, options);
  return {
    config,
    get: (type, key, { subresource, signal } = {}) =>
      call('GET', resourcePath(type, { ...key, subresource }), undefined, { signal }),
    list: (type, options = {}) => list(transport, type, options),
    watch: (type, options) => watch(transport, type, options),
    create: (type, object, options = {}) => {
      const { name, namespace } = object.metadata ?? {};
      const target =
        options.subresource === undefined
          ? { namespace }
          : { namespace, name: name ?? '', subresource: options.subresource };
      return call('POST', resourcePath(type, target) + writeQuery(options), typed(type, object), options);
    },
    replace: (type, object, options = {}) =>
      call(
        'PUT',
        resourcePath(type, { ...keyFrom(object), subresource: options.subresource }) + writeQuery(options),
        typed(type, object),
        options,
      ),
    patch: (type, key, { type: patchType, body }, options = {}) =>
      call('PATCH', resourcePath(type, { ...key, subresource: options.subresource }) + writeQuery(options), body, {
        signal: options.signal,
        contentType: patchTypes[patchType],
      }),
    delete: async (type, key, options = {}) => {
      await call('DELETE', resourcePath(type, key), deleteBody(options), { signal: options.signal });
    },
    deleteCollection: async (type, options) => {
      await call(
        'DELETE',
        resourcePath(type, { namespace: options.namespace }) + listQuery(options),
        deleteBody(options),
        { signal: options.signal },
      );
    },
    exec: (pod, options) =>
      execInPod(transport, resourcePath(resources.pods, { ...pod, subresource: 'exec' }), options),
    request: (method, path, options) => raw(transport, method, path, options),
    stream: (path, signal) => stream(transport, path, signal),
    close: () => transport.close(),
  };
}

interface CallOptions {
  signal?: AbortSignal | undefined;
  contentType?: string;
}

async function json<T>(
  transport: Transport,
  method: string,
  path: string,
  body: unknown,
  options: CallOptions = {},
): Promise<T> {
  const response = await transport.send({
    method,
    path,
    timeoutMs: requestTimeoutMs,
    signal: options.signal,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': options.contentType ?? 'application/json' } }),
  });
  const text = (await readBody(response)).toString('utf8');
  const status = response.statusCode ?? 0;
  if (status >= 400) throw ApiError.fromResponse(status, text, `${method} ${path}`);
  return JSON.parse(text) as T;
}

async function list<T extends KubernetesObject>(transport: Transport, type: ResourceType<T>, options: ListOptions) {
  const path = resourcePath(type, { namespace: options.namespace }) + listQuery(options);
  const answer = await json<{ metadata?: ListMeta; items: T[] | null }>(transport, 'GET', path, undefined, {
    signal: options.signal,
  });
  const items = answer.items ?? [];
  // Items of a list come without their kind; callers and events want it.
  for (const item of items) {
    item.apiVersion ??= apiVersionOf(type);
    item.kind ??= type.kind;
  }
  return { metadata: answer.metadata ?? {}, items };
}

async function* watch<T extends KubernetesObject>(
  transport: Transport,
  type: ResourceType<T>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  const query = new URLSearchParams(listQuery(options).slice(1));
  query.set('watch', 'true');
  if (options.allowBookmarks) query.set('allowWatchBookmarks', 'true');
  if (options.timeoutSeconds !== undefined) query.set('timeoutSeconds', String(options.timeoutSeconds));
  const path = `${resourcePath(type, { namespace: options.namespace })}?${query}`;
  const response = await transport.send({ method: 'GET', path, signal: options.signal, timeoutMs: requestTimeoutMs });
  if ((response.statusCode ?? 0) >= 400) {
    throw ApiError.fromResponse(response.statusCode ?? 0, (await readBody(response)).toString('utf8'), `GET ${path}`);
  }
  yield* watchEvents<T>(response, `GET ${path}`);
}

async function raw(transport: Transport, method: string, path: string, options: RawOptions = {}): Promise<RawResponse> {
  const { timeoutMs = requestTimeoutMs, ...rest } = options;
  const response = await transport.send({ method, path, timeoutMs, ...rest });
  return { status: response.statusCode ?? 0, headers: flatHeaders(response.headers), body: await readBody(response) };
}

async function* stream(transport: Transport, path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const response = await transport.send({ method: 'GET', path, signal, timeoutMs: requestTimeoutMs });
  if ((response.statusCode ?? 0) >= 400) {
    throw ApiError.fromResponse(response.statusCode ?? 0, (await readBody(response)).toString('utf8'), `GET ${path}`);
  }
  for await (const chunk of response) yield chunk as Buffer;
}

function typed<T extends KubernetesObject>(type: ResourceType<T>, object: T): T {
  return { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
}

function keyFrom(object: KubernetesObject): ObjectKey {
  const { name = '', namespace } = object.metadata ?? {};
  return namespace === undefined ? { name } : { name, namespace };
}

function listQuery(options: ListOptions): string {
  const query = new URLSearchParams();
  for (const field of ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion'] as const) {
    const value = options[field];
    if (value !== undefined && value !== '') query.set(field, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}

function writeQuery(options: WriteOptions & { force?: boolean }): string {
  const query = new URLSearchParams();
  if (options.fieldManager) query.set('fieldManager', options.fieldManager);
  if (options.dryRun) query.set('dryRun', 'All');
  if (options.force) query.set('force', 'true');
  return query.size === 0 ? '' : `?${query}`;
}

function deleteBody({ propagationPolicy, gracePeriodSeconds, preconditions }: DeleteOptions) {
  return { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, gracePeriodSeconds, preconditions };
}
