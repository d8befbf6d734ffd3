import { apiVersion, type Backup, labels } from '@matriarch/api';
import { type ConnectionFlags, connect } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { structured } from '../output/structured.ts';
import { backups, clusters } from '../resources.ts';

export interface BackupFlags extends ConnectionFlags {
  backupName?: string;
  backupTarget: string;
  method: string;
  online: string;
  immediateCheckpoint: string;
  waitForArchive: string;
  pluginName: string;
  pluginParameters: string;
  dryRun: boolean;
}

const targets = ['', 'primary', 'prefer-standby'];
const methods = ['', 'barmanObjectStore', 'volumeSnapshot', 'plugin'];
const booleans: Record<string, boolean> = Object.fromEntries([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true]),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false]),
]);

/** `backup CLUSTER`: asks for a backup now. */
export async function backup(name: string, flags: BackupFlags): Promise<void> {
  requireOneOf('--backup-target', flags.backupTarget, targets);
  requireOneOf('--method', flags.method, methods);
  checkPlugin(flags);
  const { client, namespace } = connect(flags);
  try {
    await client.get(clusters, { name, namespace });
    const object = backupObject(name, namespace, flags, new Date());
    if (flags.dryRun) {
      process.stdout.write(structured('yaml', object));
      return;
    }
    const created = await client.create(backups, object);
    console.log(`backup/${created.metadata.name} created`);
  } finally {
    client.close();
  }
}

function requireOneOf(flag: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new CommandError(`${flag} "${value}" is not known; choose ${allowed.filter(Boolean).join(', ')}`);
}

function checkPlugin({ method, pluginName, pluginParameters }: BackupFlags): void {
  if (method === 'plugin' && pluginName === '') {
    throw new CommandError('--plugin-name is required with --method plugin');
  }
  if (method !== 'plugin' && (pluginName !== '' || pluginParameters !== '')) {
    throw new CommandError('--plugin-name and --plugin-parameters need --method plugin');
  }
}

/** Value of a flag that may be left unset by an empty text. */
export function optionalBoolean(flag: string, text: string): boolean | undefined {
  if (text === '') return undefined;
  const value = booleans[text];
  if (value === undefined) throw new CommandError(`${flag} "${text}" is not a boolean; write true or false`);
  return value;
}

/** The Backup that the flags describe. */
export function backupObject(cluster: string, namespace: string, flags: BackupFlags, now: Date): Backup {
  const stamp = now.toISOString().slice(0, 19).replace(/\D/g, '');
  const online = optionalBoolean('--online', flags.online);
  const immediateCheckpoint = optionalBoolean('--immediate-checkpoint', flags.immediateCheckpoint);
  const waitForArchive = optionalBoolean('--wait-for-archive', flags.waitForArchive);
  const onlineConfiguration = {
    ...(immediateCheckpoint === undefined ? {} : { immediateCheckpoint }),
    ...(waitForArchive === undefined ? {} : { waitForArchive }),
  };
  const spec = {
    cluster: { name: cluster },
    ...(flags.backupTarget === '' ? {} : { target: flags.backupTarget }),
    ...(flags.method === '' ? {} : { method: flags.method }),
    ...(online === undefined ? {} : { online }),
    ...(Object.keys(onlineConfiguration).length === 0 ? {} : { onlineConfiguration }),
    ...(flags.pluginName === ''
      ? {}
      : { pluginConfiguration: { name: flags.pluginName, parameters: parseParameters(flags.pluginParameters) } }),
  };
  return {
    apiVersion,
    kind: 'Backup',
    metadata: { name: flags.backupName ?? `${cluster}-${stamp}`, namespace, labels: { [labels.cluster]: cluster } },
    spec: spec as Backup['spec'],
  };
}

function parseParameters(text: string): Record<string, string> {
  if (text === '') return {};
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new CommandError(`--plugin-parameters "${pair}" is not of the form key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
