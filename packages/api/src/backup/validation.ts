// Validation of Backups, and the rules that ScheduledBackups share.
import type { ApiConfig } from '../names/defaults.ts';
import { annotations } from '../names/labels.ts';
import { type FieldError, invalid, isSet } from '../validation/errors.ts';
import type { Backup, BackupSpec } from './kind.ts';

type Request = Pick<BackupSpec, 'method' | 'online' | 'onlineConfiguration'>;

export function snapshotsKnown({ method }: Request, config: ApiConfig): FieldError[] {
  if (method !== 'volumeSnapshot' || config.haveVolumeSnapshots) return [];
  const detail = 'use another method, or install the VolumeSnapshot CRDs and restart the operator';
  return [invalid('spec.method', method, detail)];
}

export function onlineFitsMethod({ method = 'barmanObjectStore', online, onlineConfiguration }: Request): FieldError[] {
  if (method !== 'barmanObjectStore') return [];
  const detail = 'remove it: backups to an object store are always online';
  return [
    ...(online === undefined ? [] : [invalid('spec.online', online, detail)]),
    ...(onlineConfiguration === undefined ? [] : [invalid('spec.onlineConfiguration', onlineConfiguration, detail)]),
  ];
}

function pluginNamed({ method, pluginConfiguration }: BackupSpec): FieldError[] {
  if (method !== 'plugin' || isSet(pluginConfiguration?.name)) return [];
  return [invalid('spec.pluginConfiguration', pluginConfiguration ?? null, 'name the plugin that takes the backup')];
}

function deadline(backup: Backup): FieldError[] {
  const value = backup.metadata.annotations?.[annotations.volumeSnapshotDeadline] ?? '';
  if (value === '' || /^[+-]?\d+$/.test(value)) return [];
  return [invalid(`metadata.annotations.${annotations.volumeSnapshotDeadline}`, value, 'write a number of minutes')];
}

export const validateBackup = (backup: Backup, config: ApiConfig): FieldError[] => [
  ...snapshotsKnown(backup.spec, config),
  ...onlineFitsMethod(backup.spec),
  ...pluginNamed(backup.spec),
  ...deadline(backup),
];
