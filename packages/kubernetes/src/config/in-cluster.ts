import { readFileSync, statSync } from 'node:fs';
import type { ClientConfig } from './types.ts';

const folder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Configuration of a program inside a pod. The token file is read again when it changes, since the kubelet renews it.
 * `resolvePath` maps a container path to the real one.
 */
export function inClusterConfig(
  env: Readonly<Record<string, string | undefined>>,
  resolvePath: (path: string) => string,
): ClientConfig {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port) {
    throw new Error(
      'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: run inside a pod, or name a kubeconfig file',
    );
  }
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readFileSync(resolvePath(`${folder}/ca.crt`), 'utf8'),
    namespace: readFileSync(resolvePath(`${folder}/namespace`), 'utf8').trim(),
    credentials: tokenFile(resolvePath(`${folder}/token`)),
  };
}

/** Reads a token file, again only when its modification time changed. */
export function tokenFile(path: string): () => { token: string } {
  let modified = -1;
  let token = '';
  return () => {
    const { mtimeMs } = statSync(path);
    if (mtimeMs !== modified) {
      token = readFileSync(path, 'utf8').trim();
      modified = mtimeMs;
    }
    return { token };
  };
}
