/** From a request to the function that answers it: who asks, whether they may, what the address names. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { sendDiscovery } from '../discovery/serve.ts';
import { ApiError, methodNotAllowed, noSuchResource, notFound, unauthorized } from '../registry/errors.ts';
import type { Attributes, StreamingBackend, StreamTarget } from '../registry/hooks.ts';
import { hasBuiltin } from '../registry/registry.ts';
import type { ResourceInfo, UserInfo } from '../registry/types.ts';
import { type Core, keyOf, served, tableOf } from '../verbs/core.ts';
import { type Address, parseAddress, type ResourceAddress } from './address.ts';
import { attributesOf, refusal } from './authorization.ts';
import type { Exchange } from './exchange.ts';
import { isTrue } from './options.ts';
import { getList, getOne } from './read.ts';
import { sendError, sendText } from './respond.ts';
import { watchList } from './stream.ts';
import { patch, post, put, remove, removeMany } from './write.ts';

export interface HandlerOptions {
  core: Core;
  streaming(): StreamingBackend | undefined;
  log(message: string, details: { [key: string]: unknown }): void;
  closing: AbortSignal;
}

export interface Handler {
  request(req: IncomingMessage, res: ServerResponse): Promise<void>;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

export function createHandler(options: HandlerOptions): Handler {
  return {
    async request(req, res) {
      const warnings: string[] = [];
      try {
        await handle(options, req, res, warnings);
      } catch (error) {
        if (error instanceof PlainRefusal) {
          sendText(res, 500, `${error.message}\n`);
          return;
        }
        if (!(error instanceof ApiError)) options.log('request failed', { url: req.url, error });
        sendError(res, error, warnings);
      }
    },
    async upgrade(req, socket, head) {
      try {
        await handleUpgrade(options, req, socket, head);
      } catch (error) {
        endSocket(socket, error);
      }
    },
  };
}

interface Identified {
  user: UserInfo;
  url: URL;
  address: Address;
  attributes: Attributes;
}

async function identify({ core }: HandlerOptions, req: IncomingMessage): Promise<Identified> {
  const url = new URL(req.url ?? '/', 'https://localhost');
  const caller = await core.hooks.authenticate(req);
  if (caller === undefined) throw unauthorized();
  const user = await impersonated(core, caller, req);
  const address = parseAddress(url.pathname);
  const attributes = attributesOf(req.method ?? 'GET', address, url, user);
  const decision = core.hooks.authorize(attributes);
  if (!decision.allowed) throw refusal(attributes, decision.reason);
  return { user, url, address, attributes };
}

/** What cannot be understood of the headers is answered as plain text, before the API proper is reached. */
class PlainRefusal extends Error {}

async function impersonated(core: Core, caller: UserInfo, req: IncomingMessage): Promise<UserInfo> {
  try {
    return await core.hooks.impersonate(caller, req);
  } catch (error) {
    if (error instanceof ApiError && error.reason === undefined) throw new PlainRefusal(error.message);
    throw error;
  }
}

async function handle(
  options: HandlerOptions,
  req: IncomingMessage,
  res: ServerResponse,
  warnings: string[],
): Promise<void> {
  const { core } = options;
  const { user, url, address } = await identify(options, req);
  if (address.kind !== 'resource') {
    sendDiscovery(core, req, res, url);
    return;
  }
  const info = core.registry.find(address.group, address.version, address.resource);
  if (info === undefined) {
    if (hasBuiltin(core.registry, address.group)) throw noSuchResource();
    sendText(res, 404, '404 page not found\n');
    return;
  }
  const streamed = streamTarget(options, info, address, url, user);
  if (streamed !== undefined) {
    await backendOf(options).request(streamed, req, res);
    return;
  }
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.closing]);
  const exchange: Exchange = { core, req, res, address, info, query: url.searchParams, user, warnings, signal };
  if (info.deprecation !== undefined) warnings.push(info.deprecation);
  if (info.custom === true && address.namespace !== undefined && !info.namespaced) {
    sendText(res, 404, '404 page not found\n');
    return;
  }
  checkAddress(exchange);
  await dispatch(exchange);
}

function checkAddress({ info, address }: Exchange): void {
  if (address.namespace !== undefined && !info.namespaced) throw noSuchResource();
  if (address.subresource !== undefined && !info.subresources.includes(address.subresource)) throw noSuchResource();
  if (address.rest !== '') throw noSuchResource();
}

/** What each method does at the address of an object, of a list and of a subresource. */
function dispatch(exchange: Exchange): void | Promise<void> {
  const { req, address, info, query } = exchange;
  const method = req.method ?? 'GET';
  if (address.subresource !== undefined) return dispatchSubresource(exchange, method);
  const allowed = (verb: string): void => {
    if (!info.verbs.includes(verb)) throw methodNotAllowed();
  };
  if (address.watch || (address.name === undefined && method === 'GET' && isTrue(query.get('watch')))) {
    allowed('watch');
    return watchList(exchange);
  }
  if (address.name !== undefined) return dispatchOne(exchange, method, allowed);
  switch (method) {
    case 'GET':
      allowed('list');
      return getList(exchange);
    case 'POST':
      if (info.namespaced && address.namespace === undefined) throw methodNotAllowed();
      allowed('create');
      return post(exchange);
    case 'DELETE':
      if (info.namespaced && address.namespace === undefined) throw methodNotAllowed();
      allowed('deletecollection');
      return removeMany(exchange);
    default:
      throw methodNotAllowed();
  }
}

function dispatchOne(exchange: Exchange, method: string, allowed: (verb: string) => void): void | Promise<void> {
  const { info, address } = exchange;
  if (info.namespaced && address.namespace === undefined) throw noSuchResource();
  switch (method) {
    case 'GET':
      allowed('get');
      return getOne(exchange);
    case 'PUT':
      allowed('update');
      return put(exchange);
    case 'PATCH':
      allowed('patch');
      return patch(exchange);
    case 'DELETE':
      allowed('delete');
      return remove(exchange);
    default:
      throw methodNotAllowed();
  }
}

const METHOD_VERBS: { readonly [method: string]: string } = {
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  POST: 'create',
};

function dispatchSubresource(exchange: Exchange, method: string): void | Promise<void> {
  const { info, address } = exchange;
  const handler = info.subresourceHandlers?.[address.subresource ?? ''];
  const verbs = handler?.verbs ?? ['get', 'update', 'patch'];
  const verb = METHOD_VERBS[method];
  if (verb === undefined || !verbs.includes(verb)) throw methodNotAllowed();
  if (verb === 'get') return getOne(exchange);
  if (verb === 'update') return put(exchange);
  return verb === 'patch' ? patch(exchange) : post(exchange);
}

const STREAMED: { readonly [resource: string]: readonly string[] } = {
  pods: ['exec', 'attach', 'portforward', 'log', 'proxy'],
  services: ['proxy'],
  nodes: ['proxy'],
};

/** The subresources that are not answered from the store; undefined: it is none of them. */
function streamTarget(
  { core }: HandlerOptions,
  info: ResourceInfo,
  address: ResourceAddress,
  url: URL,
  user: UserInfo,
): StreamTarget | undefined {
  const { resource, subresource, name, namespace } = address;
  if (info.group !== '' || subresource === undefined || name === undefined) return undefined;
  if (STREAMED[resource]?.includes(subresource) !== true) return undefined;
  const entry = core.store.get(tableOf(info), keyOf(namespace, name));
  if (entry === undefined && subresource !== 'proxy') throw notFound(info, name);
  return {
    resource: resource as StreamTarget['resource'],
    subresource,
    namespace,
    name,
    path: address.rest,
    query: url.searchParams,
    parent: entry === undefined ? undefined : served(info, entry),
    user,
  };
}

function backendOf(options: HandlerOptions): StreamingBackend {
  const backend = options.streaming();
  if (backend !== undefined) return backend;
  throw new ApiError(503, 'ServiceUnavailable', 'no node is there to do this: the server runs without one');
}

async function handleUpgrade(
  options: HandlerOptions,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { user, url, address } = await identify(options, req);
  if (address.kind !== 'resource') throw noSuchResource();
  const info = options.core.registry.find(address.group, address.version, address.resource);
  const target = info === undefined ? undefined : streamTarget(options, info, address, url, user);
  if (target === undefined) throw noSuchResource();
  await backendOf(options).upgrade(target, req, socket, head);
}

/** An upgrade that was refused is answered as plain HTTP. */
function endSocket(socket: Duplex, error: unknown): void {
  const refused = error instanceof ApiError ? error : new ApiError(500, 'InternalError', String(error));
  const body = JSON.stringify(refused.toStatus());
  socket.end(
    `HTTP/1.1 ${refused.code} ${refused.reason ?? 'Error'}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
