import { type Client, createClient, loadKubeconfig } from '@matriarch/kubernetes';
import type { Command } from 'commander';

/** Options that every command takes, as kubectl names them. */
export interface ConnectionFlags {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  as?: string;
  asGroup?: string[];
}

export interface Connection {
  client: Client;
  namespace: string;
}

/** Adds kubectl's connection options to a command. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'path of the kubeconfig file')
    .option('--context <name>', 'context of the kubeconfig file')
    .option('--cluster <name>', 'cluster of the kubeconfig file')
    .option('--user <name>', 'user of the kubeconfig file')
    .option('-n, --namespace <name>', 'namespace of the cluster')
    .option('--as <user>', 'user to impersonate')
    .option('--as-group <group...>', 'groups to impersonate');
}

/** Opens the connection that the flags and the kubeconfig name. */
export function connect(flags: ConnectionFlags): Connection {
  const config = loadKubeconfig({
    ...(flags.kubeconfig === undefined ? {} : { path: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
    ...(flags.cluster === undefined ? {} : { cluster: flags.cluster }),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(flags.as === undefined ? {} : { impersonate: { user: flags.as, groups: flags.asGroup ?? [] } }),
  });
  return { client: createClient(config), namespace: flags.namespace ?? config.namespace ?? 'default' };
}
