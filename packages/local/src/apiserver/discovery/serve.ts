/** Addresses that name no resource: health, version, discovery, OpenAPI. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseAddress } from '../http/address.ts';
import { notAcceptable, parseAccept } from '../http/negotiate.ts';
import { sendJson, sendObject, sendText } from '../http/respond.ts';
import { sendOpenApi } from '../openapi/serve.ts';
import { methodNotAllowed, noSuchResource } from '../registry/errors.ts';
import { hasBuiltin, type Registry } from '../registry/registry.ts';
import type { Core } from '../verbs/core.ts';
import { aggregated } from './aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList } from './groups.ts';
import { sendHealth } from './health.ts';
import { VERSION } from './version.ts';

const PATHS = ['/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'];

export function sendDiscovery(core: Core, req: IncomingMessage, res: ServerResponse, url: URL): void {
  const path = url.pathname.replace(/(.)\/$/, '$1');
  if (path.startsWith('/healthz') || path.startsWith('/livez') || path.startsWith('/readyz')) {
    sendHealth(res, path, url.searchParams.has('verbose'));
  } else if (path.startsWith('/openapi/')) {
    sendOpenApi(core, req, res, path);
  } else if (path === '/version') {
    sendObject(res, 200, VERSION);
  } else if (path === '/') {
    sendObject(res, 200, { paths: rootPaths(core.registry) });
  } else if (path === '/api' || path === '/apis' || path.startsWith('/api/') || path.startsWith('/apis/')) {
    if (req.method !== 'GET' && req.method !== 'HEAD') throw methodNotAllowed();
    sendApi(core.registry, req, res, path);
  } else {
    sendDocument(core, res, path);
  }
}

function sendDocument(core: Core, res: ServerResponse, path: string): void {
  const document = core.hooks.document?.(path);
  if (document === undefined) {
    sendText(res, 404, '404 page not found\n');
    return;
  }
  res.writeHead(200, { 'content-type': document.contentType });
  res.end(document.body);
}

function rootPaths(registry: Registry): string[] {
  const groups = registry.groups().filter((group) => group !== '');
  const versions = groups.flatMap((group) => registry.versions(group).map((version) => `/apis/${group}/${version}`));
  return ['/api', '/api/v1', '/apis', ...groups.map((group) => `/apis/${group}`), ...versions, ...PATHS].sort();
}

function sendApi(registry: Registry, req: IncomingMessage, res: ServerResponse, path: string): void {
  if (path === '/api' || path === '/apis') {
    sendRoot(registry, req, res, path);
    return;
  }
  const address = parseAddress(path);
  if (address.kind === 'group') {
    if (registry.versions(address.group).length === 0) {
      sendText(res, 404, '404 page not found\n');
      return;
    }
    if (!registry.versions(address.group).includes(address.version)) {
      if (hasBuiltin(registry, address.group)) throw noSuchResource();
      sendText(res, 404, '404 page not found\n');
      return;
    }
    sendObject(res, 200, apiResourceList(registry, address.group, address.version));
    return;
  }
  const group = path.split('/')[2] ?? '';
  if (!path.startsWith('/apis/') || registry.versions(group).length === 0) sendText(res, 404, '404 page not found\n');
  else sendObject(res, 200, apiGroup(registry, group));
}

/** `/api` and `/apis`: the classic list of groups, or everything at once for those who ask so. */
function sendRoot(registry: Registry, req: IncomingMessage, res: ServerResponse, path: string): void {
  for (const { type, parameters } of parseAccept(req.headers.accept)) {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    if (!parameters.has('as')) {
      sendClassic(registry, res, path);
      return;
    }
    const version = parameters.get('v') ?? '';
    const wanted = parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('g') === 'apidiscovery.k8s.io';
    if (!wanted || version !== 'v2beta1') continue;
    const type2 = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    sendJson(res, 200, JSON.stringify(aggregated(registry, path === '/api', version)), [], type2);
    return;
  }
  throw notAcceptable();
}

function sendClassic(registry: Registry, res: ServerResponse, path: string): void {
  if (path === '/apis') {
    sendObject(res, 200, apiGroupList(registry));
    return;
  }
  sendObject(res, 200, { kind: 'APIVersions', versions: registry.versions(''), serverAddressByClientCIDRs: [] });
}
