import { annotations } from '@matriarch/api';
import { alignRows } from '../../output/table.ts';
import type { InstanceReport } from '../instance-status.ts';
import type { StatusView } from '../model.ts';

/** Continuous Backup status. */
export function backupSection(view: StatusView): string {
  const { cluster, paint, primary } = view;
  if (cluster.spec.backup === undefined) return `${paint('yellow', 'Continuous Backup not configured')}\n`;
  const title = `${paint('green', 'Continuous Backup status')}\n`;
  const first = ['First Point of Recoverability:', cluster.status?.firstRecoverabilityPoint || 'Not Available'];
  if (primary === undefined) return `${title}${alignRows([first])}No Primary instance found\n`;
  const rows = [
    first,
    ['Working WAL archiving:', archivingText(view, primary)],
    ['WALs waiting to be archived:', String(primary.readyWalFiles ?? 0)],
    ['Last Archived WAL:', ...walCells(primary.lastArchivedWAL, primary.lastArchivedWALTime)],
    ['Last Failed WAL:', ...walCells(primary.lastFailedWAL, primary.lastFailedWALTime)],
  ];
  return title + alignRows(rows);
}

function archivingText({ cluster, paint }: StatusView, primary: InstanceReport): string {
  if (cluster.metadata.annotations?.[annotations.skipWalArchiving] === 'enabled') return paint('yellow', 'Disabled');
  if (primary.isArchivingWAL) return paint('green', 'OK');
  return primary.lastFailedWAL ? paint('red', 'Failing') : paint('yellow', 'Starting Up');
}

/** Name, `@` and time are cells of their own: the blanks around ` @ ` are the table's. */
function walCells(name: string | undefined, time: string | undefined): string[] {
  return name ? [name, ' @ ', time ?? ''] : ['-'];
}
