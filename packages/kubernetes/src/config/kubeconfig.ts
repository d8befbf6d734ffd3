import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { type ExecPlugin, execCredentials } from './exec-plugin.ts';
import { tokenFile } from './in-cluster.ts';
import type { ClientConfig, Credentials } from './types.ts';

export interface KubeconfigOptions {
  /** File to read instead of $KUBECONFIG or ~/.kube/config. */
  path?: string;
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  impersonate?: { user: string; groups?: string[] };
  env?: Readonly<Record<string, string | undefined>>;
}

interface ClusterEntry {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
}

interface UserEntry {
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  exec?: ExecPlugin;
}

interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}

interface Kubeconfig {
  'current-context'?: string;
  clusters?: { name: string; cluster: ClusterEntry }[] | null;
  users?: { name: string; user: UserEntry }[] | null;
  contexts?: { name: string; context: Context }[] | null;
}

/** Reads one or several kubeconfig files; as with kubectl the first file that has a name wins. */
export function loadKubeconfig(options: KubeconfigOptions = {}): ClientConfig {
  const files = kubeconfigPaths(options);
  const merged = mergeFiles(files);
  const contextName = options.context ?? merged['current-context'];
  const context = findNamed(merged.contexts, contextName)?.context;
  if (options.context !== undefined && !context) {
    throw new Error(`context "${options.context}" does not exist in ${files.join(', ')}`);
  }
  const clusterName = options.cluster ?? context?.cluster;
  const cluster = findNamed(merged.clusters, clusterName)?.cluster;
  if (!cluster?.server) {
    throw new Error(
      `no cluster to talk to: ${files.join(', ')} names no server for context "${contextName ?? ''}"; set KUBECONFIG or --kubeconfig`,
    );
  }
  const user = findNamed(merged.users, options.user ?? context?.user)?.user ?? {};
  return {
    server: cluster.server,
    ...tlsOf(cluster),
    namespace: options.namespace ?? context?.namespace ?? 'default',
    ...(options.impersonate ? { impersonate: options.impersonate } : {}),
    credentials: credentialsOf(user),
  };
}

/** The files that are read, in order. */
export function kubeconfigPaths(options: Pick<KubeconfigOptions, 'path' | 'env'> = {}): string[] {
  if (options.path) return [options.path];
  const listed = (options.env ?? process.env).KUBECONFIG;
  if (listed) return listed.split(delimiter).filter((path) => path !== '');
  return [join(homedir(), '.kube', 'config')];
}

function findNamed<T extends { name: string }>(list: T[] | null | undefined, name: string | undefined): T | undefined {
  return (list ?? []).find((entry) => entry.name === name);
}

function mergeFiles(paths: string[]): Kubeconfig {
  const merged: Required<Omit<Kubeconfig, 'current-context'>> & Pick<Kubeconfig, 'current-context'> = {
    clusters: [],
    users: [],
    contexts: [],
  };
  let read = 0;
  for (const path of paths) {
    const text = readIfThere(path);
    if (text === undefined) continue;
    read += 1;
    const config = absolutePaths((parse(text) ?? {}) as Kubeconfig, dirname(resolve(path)));
    merged.clusters?.push(...(config.clusters ?? []));
    merged.users?.push(...(config.users ?? []));
    merged.contexts?.push(...(config.contexts ?? []));
    if (!merged['current-context'] && config['current-context']) merged['current-context'] = config['current-context'];
  }
  if (read === 0) throw new Error(`no kubeconfig file found at ${paths.join(', ')}; set KUBECONFIG or --kubeconfig`);
  return merged;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** File names inside a kubeconfig count from its own folder. */
function absolutePaths(config: Kubeconfig, folder: string): Kubeconfig {
  for (const { cluster } of config.clusters ?? []) {
    const ca = cluster['certificate-authority'];
    if (ca) cluster['certificate-authority'] = resolve(folder, ca);
  }
  for (const { user } of config.users ?? []) {
    for (const field of ['client-certificate', 'client-key', 'tokenFile'] as const) {
      const path = user[field];
      if (path) user[field] = resolve(folder, path);
    }
  }
  return config;
}

function tlsOf(cluster: ClusterEntry): Pick<ClientConfig, 'ca' | 'serverName' | 'insecureSkipTlsVerify'> {
  const ca = dataOrFile(cluster['certificate-authority-data'], cluster['certificate-authority']);
  return {
    ...(ca ? { ca } : {}),
    ...(cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { insecureSkipTlsVerify: true } : {}),
  };
}

function dataOrFile(data: string | undefined, path: string | undefined): string | undefined {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  return path ? readFileSync(path, 'utf8') : undefined;
}

function credentialsOf(user: UserEntry): ClientConfig['credentials'] {
  if (user.exec) return execCredentials(user.exec);
  if (user.tokenFile) return tokenFile(user.tokenFile);
  const credentials: Credentials = {};
  if (user.token) credentials.token = user.token;
  if (user.username) credentials.username = user.username;
  if (user.password) credentials.password = user.password;
  const cert = dataOrFile(user['client-certificate-data'], user['client-certificate']);
  const key = dataOrFile(user['client-key-data'], user['client-key']);
  if (cert) credentials.cert = cert;
  if (key) credentials.key = key;
  return () => credentials;
}
