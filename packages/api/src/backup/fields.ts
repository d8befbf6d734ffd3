// What Backup and ScheduledBackup have in common: how a backup is to be taken.
import { backupTarget, onlineConfiguration } from '../cluster/schema/backup.ts';
import { boolean, map, object, required, string } from '../schema/nodes.ts';

export const backupMethod = string('How the backup is taken.', {
  enum: ['barmanObjectStore', 'volumeSnapshot', 'plugin'],
  default: 'barmanObjectStore',
});

export const backupRequestFields = {
  method: backupMethod,
  online: boolean('Take a snapshot of the running instance. Empty: as the cluster says.'),
  onlineConfiguration,
  pluginConfiguration: object('The plugin that takes the backup.', {
    name: required(string('Name of the plugin.')),
    parameters: map(string(), 'Settings handed to the plugin as they are.'),
  }),
  target: backupTarget('The instance to take the backup from. Empty: as the cluster says.'),
};
