/** The file by which kubectl and others find the cluster. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeDurably } from '../node/container-process.ts';

export interface KubeconfigInput {
  readonly url: string;
  readonly caCertificate: string;
  readonly token: string;
}

const NAME = 'matriarch';

const base64 = (text: string) => Buffer.from(text).toString('base64');

export function kubeconfigText({ url, caCertificate, token }: KubeconfigInput): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server: url, 'certificate-authority-data': base64(caCertificate) } }],
    users: [{ name: `${NAME}-admin`, user: { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: `${NAME}-admin`, namespace: 'default' } }],
    'current-context': NAME,
  });
}

/** Writes `<stateDir>/kubeconfig`, readable by its owner only, and returns its path. */
export function writeKubeconfig(stateDir: string, input: KubeconfigInput): string {
  const path = join(stateDir, 'kubeconfig');
  writeDurably(path, kubeconfigText(input), 0o600);
  return path;
}
