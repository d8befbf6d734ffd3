import { join } from 'node:path';
import { type Cluster, type ExternalCluster, externalCluster } from '@matriarch/api';
import type { ConnectionParameters } from '@matriarch/postgres';
import { writeIfChanged } from '../files/atomic.ts';
import type { HostResolver } from '../hosts.ts';
import type { Layout } from '../paths.ts';
import { type SecretReader, secretText } from '../secrets.ts';

export interface ExternalAccess {
  readonly secrets: SecretReader;
  readonly resolver: HostResolver;
  readonly options: { readonly layout: Layout; readonly podName: string };
}

/**
 * How to reach an external cluster: its connectionParameters, with its certificates and password written to files
 * that only we can read. Empty when it has no connectionParameters (WAL then comes from its archive only).
 */
export async function externalConninfo(
  access: ExternalAccess,
  cluster: Cluster,
  name: string,
): Promise<ConnectionParameters> {
  const external = externalCluster(cluster, name);
  if (external === undefined) throw new Error(`spec.externalClusters has no entry named "${name}"`);
  const parameters = external.connectionParameters ?? {};
  if (Object.keys(parameters).length === 0) return {};
  const files = await keyMaterial(access, external);
  const address = parameters.host === undefined ? undefined : await access.resolver.addressOf(parameters.host);
  const all: Record<string, string> = { application_name: access.options.podName, ...parameters, ...files };
  if (address !== undefined) all.hostaddr = address;
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function keyMaterial(access: ExternalAccess, external: ExternalCluster): Promise<Record<string, string>> {
  const directory = join(access.options.layout.external, external.name);
  const result: Record<string, string> = {};
  const references = [
    ['sslcert', external.sslCert],
    ['sslkey', external.sslKey],
    ['sslrootcert', external.sslRootCert],
  ] as const;
  for (const [parameter, reference] of references) {
    if (reference === undefined) continue;
    const secret = reference.name ?? '';
    const path = join(directory, `${secret}_${reference.key}`);
    await writeIfChanged(path, await secretText(access.secrets, secret, reference.key));
    result[parameter] = path;
  }
  if (external.password !== undefined) {
    const { name = '', key } = external.password;
    const password = await secretText(access.secrets, name, key);
    const path = join(directory, 'pass');
    await writeIfChanged(path, `*:*:*:*:${password.replaceAll('\\', '\\\\').replaceAll(':', '\\:')}\n`);
    result.passfile = path;
  }
  return result;
}
