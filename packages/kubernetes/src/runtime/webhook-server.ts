import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from '../resource.ts';

/** What the API server asks (admission.k8s.io/v1). */
export interface AdmissionRequest {
  uid: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  name?: string;
  namespace?: string;
  object?: KubernetesObject | null;
  oldObject?: KubernetesObject | null;
  dryRun?: boolean;
  userInfo?: { username?: string; groups?: string[] };
}

export interface AdmissionAnswer {
  allowed: boolean;
  /** RFC 6902 operations; only from a mutating webhook. */
  patch?: { op: string; path: string; value?: unknown }[];
  /** Shown to the user by kubectl. */
  warnings?: string[];
  status?: { code: number; reason: string; message: string; details?: unknown };
}

export interface WebhookServerOptions {
  port: number;
  host?: string;
  certificate: { cert: string; key: string };
  /** By path, such as /mutate-…; a throw refuses the request with its message. */
  admission: Readonly<Record<string, (request: AdmissionRequest) => AdmissionAnswer | Promise<AdmissionAnswer>>>;
  /** Plain GET paths, such as /readyz. */
  get?: Readonly<Record<string, () => { status: number; body: string }>>;
  onError?: (error: unknown) => void;
  /** Told about every admission request that was answered. */
  onAnswer?: (path: string, code: number) => void;
}

export interface WebhookServer {
  readonly port: number;
  /** Uses a renewed certificate for new connections. */
  setCertificate(certificate: { cert: string; key: string }): void;
  close(): Promise<void>;
}

const largestReview = 6 * 1024 * 1024;

export async function createWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const server = createServer({ ...options.certificate, minVersion: 'TLSv1.2' }, (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.onError?.(error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end('internal error\n');
    });
  });
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      server.on('error', (error) => options.onError?.(error));
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: (certificate) => server.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: WebhookServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'https://webhook').pathname;
  const plain = request.method === 'GET' ? options.get?.[path] : undefined;
  if (plain) {
    const { status, body } = plain();
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
    return;
  }
  const handler = request.method === 'POST' ? options.admission[path] : undefined;
  if (!handler) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  const review = JSON.parse(await readReview(request)) as { request?: AdmissionRequest };
  if (!review.request) throw new Error('an AdmissionReview without a request');
  const reply = await decide(handler, review.request);
  options.onAnswer?.(path, 200);
  const body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: review.request.uid, ...wire(reply) },
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function decide(
  handler: (request: AdmissionRequest) => AdmissionAnswer | Promise<AdmissionAnswer>,
  request: AdmissionRequest,
): Promise<AdmissionAnswer> {
  try {
    return await handler(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { allowed: false, status: { code: 400, reason: 'BadRequest', message } };
  }
}

function wire({ patch, ...rest }: AdmissionAnswer): object {
  if (!patch || patch.length === 0) return rest;
  return { ...rest, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
}

async function readReview(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > largestReview) throw new Error(`an AdmissionReview above ${largestReview} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
