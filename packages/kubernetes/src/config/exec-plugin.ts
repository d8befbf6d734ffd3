import { spawn } from 'node:child_process';
import type { Credentials } from './types.ts';

/** The `exec` section of a kubeconfig user, such as `aws eks get-token`. */
export interface ExecPlugin {
  apiVersion?: string;
  command: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  installHint?: string;
}

interface ExecCredential {
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  };
}

/** Runs the plugin when its last answer has expired (a minute early), and keeps the answer in memory only. */
export function execCredentials(plugin: ExecPlugin): () => Promise<Credentials> {
  let current: { credentials: Credentials; expires: number } | undefined;
  return async () => {
    if (current && Date.now() < current.expires) return current.credentials;
    const { status = {} } = JSON.parse(await run(plugin)) as ExecCredential;
    const credentials: Credentials = {};
    if (status.token) credentials.token = status.token;
    if (status.clientCertificateData) credentials.cert = status.clientCertificateData;
    if (status.clientKeyData) credentials.key = status.clientKeyData;
    const expires = status.expirationTimestamp ? Date.parse(status.expirationTimestamp) - 60_000 : Infinity;
    current = { credentials, expires };
    return credentials;
  };
}

function run(plugin: ExecPlugin): Promise<string> {
  const apiVersion = plugin.apiVersion ?? 'client.authentication.k8s.io/v1';
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const extra = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args ?? [], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 60_000,
      env: { ...process.env, ...extra, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (cause) => {
      const hint = plugin.installHint ? ` ${plugin.installHint.trim()}` : '';
      reject(new Error(`the kubeconfig's credential command ${plugin.command} cannot be run.${hint}`, { cause }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`the kubeconfig's credential command ${plugin.command} ended with ${code ?? signal}`));
    });
  });
}
