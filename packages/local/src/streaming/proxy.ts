/** pods/proxy and services/proxy: HTTP requests passed on to a port of a pod, or of an endpoint of a Service. */
import { request as httpRequest, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import type { Endpoints, Service } from 'kubernetes-types/core/v1.d.ts';
import { ApiError, badRequest, notFound } from '../apiserver/registry/errors.ts';
import type { StreamTarget } from '../apiserver/registry/hooks.ts';
import type { Cache } from '../runtime/cache.ts';
import type { StreamingContext } from './find.ts';

export interface ProxyContext extends StreamingContext {
  readonly services: Cache<Service>;
  readonly endpoints: Cache<Endpoints>;
}

export interface ProxyName {
  readonly secure: boolean;
  readonly name: string;
  readonly port: string;
}

/** `name`, `name:port` or `scheme:name:port`. */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(':');
  if (parts.length > 3) throw badRequest(`invalid name "${text}": write name, name:port or scheme:name:port`);
  const [scheme, name, port] = parts.length === 3 ? parts : ['', parts[0], parts[1]];
  return { secure: scheme === 'https', name: name ?? '', port: port ?? '' };
}

function unavailable(message: string): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message);
}

function podAddress({ pods }: ProxyContext, namespace: string, { name, port }: ProxyName) {
  const pod = pods.get({ namespace, name });
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  const ports = (pod.spec?.containers ?? []).flatMap(({ ports: own = [] }) => own);
  const named = ports.find((each) => each.name === port)?.containerPort;
  const number = named ?? (port === '' ? (ports[0]?.containerPort ?? 80) : Number(port));
  const host = pod.status?.podIP;
  if (!host) throw unavailable(`address not allowed: pod ${name} has no address yet`);
  return { host, port: number };
}

function serviceAddress({ services, endpoints }: ProxyContext, namespace: string, { name, port }: ProxyName) {
  const service = services.get({ namespace, name });
  if (!service) throw notFound({ group: '', resource: 'services' }, name);
  const ports = service.spec?.ports ?? [];
  const wanted =
    port === '' && ports.length === 1
      ? ports[0]
      : ports.find((each) => each.name === port || String(each.port) === port);
  if (!wanted) throw unavailable(`no service port "${port}" found for service "${name}"`);
  for (const { addresses = [], ports: own = [] } of endpoints.get({ namespace, name })?.subsets ?? []) {
    const found = own.find((each) => (each.name ?? '') === (wanted.name ?? ''));
    const chosen = addresses[Math.floor(Math.random() * addresses.length)];
    if (found && chosen) return { host: chosen.ip, port: found.port };
  }
  throw unavailable(`no endpoints available for service "${name}"`);
}

const HOP_BY_HOP = new Set([
  'connection',
  'authorization',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function optionsFor(context: ProxyContext, target: StreamTarget, req: IncomingMessage) {
  const parsed = parseProxyName(target.name);
  const namespace = target.namespace ?? '';
  const address =
    target.resource === 'services'
      ? serviceAddress(context, namespace, parsed)
      : podAddress(context, namespace, parsed);
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !HOP_BY_HOP.has(name)));
  const search = new URL(req.url ?? '/', 'http://unused').search;
  const options: RequestOptions & { rejectUnauthorized?: boolean } = {
    ...address,
    method: req.method ?? 'GET',
    path: `${target.path === '' ? '/' : target.path}${search}`,
    headers: { ...headers, host: `${address.host}:${address.port}` },
    agent: false,
    // Whoever may proxy is trusted to know whom he talks to; certificates of pods are signed by nobody we know.
    ...(parsed.secure ? { rejectUnauthorized: false } : {}),
  };
  return { options, request: parsed.secure ? httpsRequest : httpRequest };
}

export function proxyRequest(
  context: ProxyContext,
  target: StreamTarget,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { options, request } = optionsFor(context, target, req);
  return new Promise((resolve, reject) => {
    const upstream = request(options, (answer) => {
      const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name)));
      res.writeHead(answer.statusCode ?? 502, headers);
      pipeline(answer, res, () => resolve());
    });
    upstream.once('error', (error) => {
      if (res.headersSent) {
        res.destroy(error);
        resolve();
      } else reject(unavailable(`error trying to reach service: ${error.message}`));
    });
    res.once('close', () => upstream.destroy());
    pipeline(req, upstream, () => undefined);
  });
}

/** A WebSocket, or another protocol, of the pod itself. */
export function proxyUpgrade(
  context: ProxyContext,
  target: StreamTarget,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { options, request } = optionsFor(context, target, req);
  const headers = { ...(options.headers as object), connection: 'Upgrade', upgrade: req.headers.upgrade ?? '' };
  return new Promise((resolve, reject) => {
    const upstream = request({ ...options, headers });
    upstream.once('upgrade', (answer, peer, first) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
      socket.write(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (first.length > 0) socket.write(first);
      if (head.length > 0) peer.write(head);
      pipeline(socket, peer, socket, () => resolve());
    });
    upstream.once('response', (answer) => {
      answer.resume();
      reject(unavailable(`the pod answered ${answer.statusCode} and did not upgrade`));
    });
    upstream.once('error', (error) => reject(unavailable(`error trying to reach service: ${error.message}`)));
    upstream.end();
  });
}
