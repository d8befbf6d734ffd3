import { spawn } from 'node:child_process';
import { labels } from '@matriarch/api';
import { resources } from '@matriarch/kubernetes';
import { type ConnectionFlags, connect } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { roleOf } from '../status/collect.ts';

export interface PsqlFlags extends ConnectionFlags {
  replica: boolean;
  tty: boolean;
  stdin: boolean;
}

/** `psql CLUSTER [-- ARGS]`: runs psql inside the primary's or a replica's pod, through kubectl exec. */
export async function psql(name: string, args: readonly string[], flags: PsqlFlags): Promise<void> {
  const { client, namespace } = connect(flags);
  const role = flags.replica ? 'replica' : 'primary';
  const pods = await client.list(resources.pods, { namespace, labelSelector: `${labels.cluster}=${name}` });
  client.close();
  if (pods.items.length === 0) {
    throw new CommandError(`cluster ${name} does not exist in namespace ${namespace}, or you may not list its pods`);
  }
  const pod = pods.items.find((candidate) => roleOf(candidate) === role)?.metadata?.name;
  if (pod === undefined) throw new CommandError(`cluster ${name} has no instance with role ${role} now`);
  process.exitCode = await runKubectl(kubectlArguments(flags, namespace, pod, args));
}

/** Arguments for kubectl; `-U postgres` is the default user. */
export function kubectlArguments(flags: PsqlFlags, namespace: string, pod: string, args: readonly string[]): string[] {
  return [
    'exec',
    ...(flags.kubeconfig === undefined ? [] : ['--kubeconfig', flags.kubeconfig]),
    ...(flags.context === undefined ? [] : ['--context', flags.context]),
    ...(flags.tty ? ['-t'] : []),
    ...(flags.stdin ? ['-i'] : []),
    '-n',
    namespace,
    '-c',
    'postgres',
    pod,
    '--',
    'psql',
    ...(args.includes('-U') ? [] : ['-U', 'postgres']),
    ...args,
  ];
}

function runKubectl(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: 'inherit' });
    child.on('error', (cause) => reject(new CommandError('kubectl is not on PATH; psql runs through it', { cause })));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
