import { table } from '../../output/table.ts';
import type { Instance } from '../collect.ts';
import type { InstanceReport } from '../instance-status.ts';
import { type StatusView, sortInstances } from '../model.ts';

const header = ['Name', 'Database Size', 'Current LSN', 'Replication role', 'Status', 'QoS', 'Manager Version', 'Node'];

/** Instances status. */
export function instancesSection(view: StatusView): string {
  const rows = sortInstances(view).map((instance) => row(view, instance));
  return `${view.paint('green', 'Instances status')}\n${table(header, rows)}`;
}

function row(view: StatusView, instance: Instance): string[] {
  const { pod, name, report, failure } = instance;
  const place = [pod.status?.qosClass ?? '', report?.instanceManagerVersion ?? '-', pod.spec?.nodeName ?? ''];
  if (report === undefined) return [name, '-', '-', '-', failure?.reason ?? '', ...place];
  const lsn = (report.isPrimary ? report.currentLsn : report.replayLsn) ?? '-';
  const status = report.pendingRestart ? 'OK (pending restart)' : 'OK';
  return [name, report.totalInstanceSize ?? '-', lsn, replicationRole(view, instance, report), status, ...place];
}

function replicationRole(view: StatusView, instance: Instance, report: InstanceReport): string {
  if (report.mightBeUnavailable) return 'Fenced';
  if (report.isPrimary) return 'Primary';
  if (view.isReplica && view.cluster.status?.currentPrimary === instance.name) return 'Designated primary';
  if (!report.isWalReceiverActive) return withoutWalReceiver(instance, report);
  if (report.replayPaused) return 'Standby (paused)';
  const rows = view.primary?.replicationInfo;
  if (view.primary === undefined) return 'Unknown';
  if (!rows?.length) return 'Standby (in Replica Cluster)';
  const own = rows.find(({ applicationName, state }) => applicationName === instance.name && state === 'streaming');
  return standbyRoles[own?.syncState ?? ''] ?? 'Unknown';
}

function withoutWalReceiver({ pod }: Instance, report: InstanceReport): string {
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (ready) return 'Standby (file based)';
  return report.isPgRewindRunning ? 'Standby (pg_rewind)' : 'Standby (starting up)';
}

const standbyRoles: Record<string, string> = {
  sync: 'Standby (sync)',
  quorum: 'Standby (sync)',
  potential: 'Standby (potential sync)',
  async: 'Standby (async)',
};
