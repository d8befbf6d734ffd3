/** OpenAPI documents, for `kubectl explain` and for clients that ask which parameters there are. */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { VERSION } from '../discovery/version.ts';
import { notAcceptable, parseAccept } from '../http/negotiate.ts';
import type { Registry } from '../registry/registry.ts';
import type { JsonObject, ResourceInfo } from '../registry/types.ts';
import type { Core } from '../verbs/core.ts';
import { resourcePaths } from './paths.ts';
import { addKind, type Collection, type Dialect } from './schemas.ts';

const INFO = { title: 'Kubernetes', version: VERSION.gitVersion };

function collect(infos: readonly ResourceInfo[], dialect: Dialect): { schemas: JsonObject; paths: JsonObject } {
  const into: Collection = { dialect, schemas: {}, open: new Set() };
  const paths: JsonObject = {};
  for (const info of infos) {
    addKind(info, into);
    Object.assign(paths, resourcePaths(info));
  }
  return { schemas: into.schemas, paths };
}

export function sendOpenApi(core: Core, req: IncomingMessage, res: ServerResponse, path: string): void {
  const { registry } = core;
  if (path === '/openapi/v3') send(res, JSON.stringify({ paths: index(registry) }));
  else if (path === '/openapi/v2') sendV2(registry, req, res);
  else if (path.startsWith('/openapi/v3/')) sendV3(registry, res, path.slice('/openapi/v3/'.length));
  else notThere(res);
}

function send(res: ServerResponse, text: string): void {
  res.setHeader('content-type', 'text/plain; charset=utf-8');
  res.end(text);
}

/** As recorded: a 404 here has no body and no type. */
function notThere(res: ServerResponse): void {
  res.statusCode = 404;
  res.end();
}

/** Documents are made when asked for and not kept: they are large and rarely wanted. */
function sendV2(registry: Registry, req: IncomingMessage, res: ServerResponse): void {
  const accepted = parseAccept(req.headers.accept).some(({ type }) =>
    ['application/json', '*/*', 'application/*'].includes(type),
  );
  if (!accepted && asks(req, PROTOBUF_V2)) {
    sendEmptyV2(res);
    return;
  }
  if (!accepted) throw notAcceptable();
  const { schemas, paths } = collect(registry.all(), 'v2');
  send(res, JSON.stringify({ swagger: '2.0', info: INFO, paths, definitions: schemas }));
}

const PROTOBUF_V2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

function asks(req: IncomingMessage, wanted: string): boolean {
  return parseAccept(req.headers.accept).some(({ type }) => type === wanted);
}

/**
 * Older paths of kubectl want the document in protobuf alone. They get one that defines no type: then nothing is checked
 * by the client, and the server says what is wrong. Fields: 1 `swagger`, 2 `info` with 1 `title` and 2 `version`, 8 `paths`.
 */
function sendEmptyV2(res: ServerResponse): void {
  const text = (field: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([(field << 3) | 2, Buffer.byteLength(value)]), Buffer.from(value)]);
  const info = Buffer.concat([text(1, INFO.title), text(2, INFO.version)]);
  res.setHeader('content-type', 'application/octet-stream');
  res.end(
    Buffer.concat([text(1, '2.0'), Buffer.from([(2 << 3) | 2, info.length]), info, Buffer.from([(8 << 3) | 2, 0])]),
  );
}

function rootOf(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** The hash in each address changes with the document, so that clients may keep it. */
function index(registry: Registry): JsonObject {
  const paths: JsonObject = {};
  for (const group of registry.groups()) {
    for (const version of registry.versions(group)) {
      const root = rootOf(group, version);
      const facts = registry.resources(group, version).map((info) => [info.resource, info.verbs, info.openapi ?? null]);
      const hash = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32).toUpperCase();
      paths[root] = { serverRelativeURL: `/openapi/v3/${root}?hash=${hash}` };
    }
  }
  paths.version = { serverRelativeURL: '/openapi/v3/version' };
  return paths;
}

function sendV3(registry: Registry, res: ServerResponse, root: string): void {
  if (root === 'version') {
    send(res, JSON.stringify({ openapi: '3.0.0', info: INFO, paths: { '/version/': {} } }));
    return;
  }
  const [kind, ...rest] = root.split('/');
  const [group = '', version = ''] = kind === 'api' ? ['', ...rest] : rest;
  const infos = registry.resources(group, version);
  if (infos.length === 0 || root !== rootOf(group, version)) {
    notThere(res);
    return;
  }
  const { schemas, paths } = collect(infos, 'v3');
  send(res, JSON.stringify({ openapi: '3.0.0', info: INFO, paths, components: { schemas } }));
}
