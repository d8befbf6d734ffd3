import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, createWebhookServer, sleep } from '@matriarch/kubernetes';
import type { OperatorConfig } from '../config/schema.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics/registry.ts';
import type { KeyPair } from '../pki/issue.ts';
import { admissionHandlers } from './admission.ts';
import { ensureWebhookCertificate } from './certificate.ts';
import { publishCertificate } from './configurations.ts';

export interface WebhookContext {
  client: Client;
  config: OperatorConfig;
  log: Logger;
  metrics: Metrics;
  now: () => number;
}

const checkMs = 3_600_000;

/** Serves admission and readiness, and looks every hour whether the certificate must be renewed. */
export async function startWebhooks(
  context: WebhookContext,
  listen: { port: number; host?: string },
  signal: AbortSignal,
): Promise<void> {
  const { client, config, log } = context;
  const certificate = await currentCertificate(context);
  const server = await createWebhookServer({
    ...listen,
    certificate,
    admission: admissionHandlers(config),
    get: { '/readyz': () => ({ status: 200, body: 'OK' }), '/healthz': () => ({ status: 200, body: 'OK' }) },
    onAnswer: (path, code) => context.metrics.webhookAnswered(path, code),
    onError: (error) => log.warn({ error }, 'Webhook request failed'),
  });
  // Only now: whoever asks must find us.
  await publishCertificate(client, config, certificate.cert);
  signal.addEventListener('abort', () => void server.close(), { once: true });
  void renew(context, server.setCertificate, certificate, signal);
}

async function renew(
  context: WebhookContext,
  use: (pair: KeyPair) => void,
  first: KeyPair,
  signal: AbortSignal,
): Promise<void> {
  let current = first;
  while (!signal.aborted) {
    await sleep(checkMs, signal);
    if (signal.aborted) return;
    try {
      const next = await currentCertificate(context);
      if (next.cert !== current.cert) use(next);
      current = next;
      await publishCertificate(context.client, context.config, current.cert);
    } catch (error) {
      context.log.error({ error }, 'The certificate of the webhooks could not be checked');
    }
  }
}

async function currentCertificate({ client, config, now }: WebhookContext): Promise<KeyPair> {
  const folder = config.webhookCertDir;
  if (folder === '') return ensureWebhookCertificate(client, config, now());
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  return { cert: await read('tls.crt'), key: await read('tls.key') };
}
