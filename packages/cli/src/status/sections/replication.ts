import { areHighAvailabilitySlotsEnabled, slotName, slotPrefix } from '@matriarch/api';
import { table } from '../../output/table.ts';
import type { ReplicationRow, SlotRow } from '../instance-status.ts';
import { byLsnDescending } from '../lsn.ts';
import type { StatusView } from '../model.ts';

const header = [
  'Name',
  'Sent LSN',
  'Write LSN',
  'Flush LSN',
  'Replay LSN',
  'Write Lag',
  'Flush Lag',
  'Replay Lag',
  'State',
  'Sync State',
  'Sync Priority',
];
const slotHeader = ['Slot Restart LSN', 'Slot WAL Status', 'Slot Safe WAL Size'];

/** Streaming Replication status. */
export function replicationSection(view: StatusView): string {
  const { cluster, paint, primary, verbosity } = view;
  const title = `${paint('green', 'Streaming Replication status')}\n`;
  const instead = insteadOfTable(view);
  if (instead !== undefined) return `${title}${paint('yellow', instead)}\n`;
  const withSlots = areHighAvailabilitySlotsEnabled(cluster);
  const slots = primary?.replicationSlotsInfo ?? [];
  const rows = [...(primary?.replicationInfo ?? [])].sort(compareRows).map((row) => {
    const slot = slots.find(({ slotName: name }) => name === slotName(cluster, row.applicationName ?? ''));
    return [...cells(row), ...(withSlots ? slotCells(slot, verbosity) : [])];
  });
  const columns = [...header, ...(withSlots ? ['Replication Slot', ...(verbosity > 0 ? slotHeader : [])] : [])];
  const note = withSlots ? `${paint('cyan', 'Replication Slots Enabled')}\n` : '';
  return title + note + table(columns, rows);
}

function insteadOfTable({ cluster, primary }: StatusView): string | undefined {
  if (cluster.spec.instances === 1) return 'Not configured';
  if (primary === undefined) return 'Primary instance not found';
  return primary.replicationInfo?.length ? undefined : 'Not available yet';
}

function cells(row: ReplicationRow): string[] {
  const lag = (text: string | undefined) => text || '00:00:00';
  return [
    row.applicationName ?? '',
    row.receivedLsn ?? '',
    row.writeLsn ?? '',
    row.flushLsn ?? '',
    row.replayLsn ?? '',
    lag(row.writeLag),
    lag(row.flushLag),
    lag(row.replayLag),
    row.state ?? '',
    row.syncState ?? '',
    row.syncPriority ?? '',
  ];
}

function slotCells(slot: SlotRow | undefined, verbosity: number): string[] {
  const state = slot === undefined ? '-' : slot.active ? 'active' : 'inactive';
  if (verbosity === 0) return [state];
  if (slot === undefined) return [state, '-', '-', '-'];
  return [state, slot.restartLsn ?? '', slot.walStatus ?? '', String(slot.safeWalSize ?? 'NULL')];
}

const byText = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);

function compareRows(a: ReplicationRow, b: ReplicationRow): number {
  return (
    byText(a.syncState, b.syncState) ||
    byText(a.state, b.state) ||
    byLsnDescending(a.receivedLsn, b.receivedLsn) ||
    byLsnDescending(a.writeLsn, b.writeLsn) ||
    byText(a.applicationName, b.applicationName)
  );
}

/** Unmanaged Replication Slot Status. */
export function unmanagedSlotsSection({ cluster, paint, primary }: StatusView): string {
  const title = 'Unmanaged Replication Slot Status';
  const prefix = slotPrefix(cluster);
  const slots = (primary?.replicationSlotsInfo ?? []).filter(({ slotName: name = '' }) => !name.startsWith(prefix));
  if (slots.length === 0) return `${paint('green', title)}\nNo unmanaged replication slots found\n`;
  const columns =
    'Slot Name,Slot Type,Database,Active,Restart LSN,XMin,Catalog XMin,Datoid,Plugin,Wal Status,Safe Wal Size';
  const rows = slots.map((slot) => [
    slot.slotName ?? '',
    slot.slotType ?? '',
    slot.database ?? '',
    String(slot.active ?? false),
    slot.restartLsn ?? '',
    slot.xmin ?? '',
    slot.catalogXmin ?? '',
    slot.datoid ?? '',
    slot.plugin ?? '',
    slot.walStatus ?? '',
    String(slot.safeWalSize ?? 'NULL'),
  ]);
  const colour = slots.some(({ active }) => !active) ? 'red' : 'green';
  return `${paint(colour, title)}\n${table(columns.split(','), rows)}`;
}
