import type { Client, KubernetesObject, ResourceType } from '@matriarch/kubernetes';
import type { OperatorConfig } from '../config/schema.ts';
import { kinds } from '../kinds.ts';
import { readOr } from './certificate.ts';

interface Configuration extends KubernetesObject {
  webhooks?: Entry[];
}

interface Entry {
  name: string;
  clientConfig: { caBundle?: string };
}

/** Writes the certificate that the API server must trust into every entry of our webhook configurations. */
export async function publishCertificate(client: Client, config: OperatorConfig, cert: string): Promise<void> {
  if (!config.manageWebhookConfigurations) return;
  const suffix = config.webhookNamespaceSuffix ? `-${config.operatorNamespace}` : '';
  const caBundle = Buffer.from(cert).toString('base64');
  const types: [ResourceType<Configuration>, string][] = [
    [kinds.mutatingWebhookConfigurations, `cnpg-mutating-webhook-configuration${suffix}`],
    [kinds.validatingWebhookConfigurations, `cnpg-validating-webhook-configuration${suffix}`],
  ];
  for (const [type, name] of types) {
    const found = await readOr(() => client.get(type, { name }));
    const entries = found?.webhooks ?? [];
    const operations = entries
      .map(({ clientConfig }, index) => ({
        current: clientConfig.caBundle,
        path: `/webhooks/${index}/clientConfig/caBundle`,
      }))
      .filter(({ current }) => current !== caBundle)
      .map(({ path }) => ({ op: 'add', path, value: caBundle }));
    if (operations.length > 0) await client.patch(type, { name }, { type: 'json', body: operations });
  }
}
