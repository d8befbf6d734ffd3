import { clusterPhases } from '@matriarch/api';
import type { Colour } from '../../output/colour.ts';
import { formatDuration, formatTime, parseTime } from '../../output/go-time.ts';
import { alignRows } from '../../output/table.ts';
import { isFenced, type StatusView } from '../model.ts';

const green: readonly string[] = [clusterPhases.healthy, clusterPhases.firstPrimary, clusterPhases.creatingReplica];
const yellow: readonly string[] = [clusterPhases.upgrade, clusterPhases.waitingForUser];

/** Cluster Summary. */
export function summarySection(view: StatusView): string {
  const { cluster, paint, primary, isReplica } = view;
  const title = isReplica ? paint('yellow', 'Replica Cluster Summary') : paint('green', 'Cluster Summary');
  const rows: [string, string | undefined][] = [
    ['Name:', cluster.metadata.name],
    ['Namespace:', cluster.metadata.namespace],
    ['System ID:', primary?.systemID],
    ['PostgreSQL Image:', cluster.status?.image ?? cluster.spec.imageName],
    ...primaryRows(view),
    ['Primary promotion time:', promotionTime(view)],
    ['Status:', statusText(view)],
    ['Instances:', paint(colourOfCount(view, cluster.status?.instances), String(cluster.spec.instances))],
    [
      'Ready instances:',
      paint(colourOfCount(view, cluster.status?.readyInstances), String(cluster.status?.readyInstances ?? 0)),
    ],
    ['Fenced instances:', fencedText(view)],
    ['Size:', sizeText(view)],
    ['Current Write LSN:', isReplica ? undefined : writeLsn(view)],
  ];
  const shown = rows.flatMap(([label, value]) => (value === undefined ? [] : [[label, value]]));
  return `${title}\n${progressLine(view)}${alignRows(shown)}`;
}

function colourOfCount({ cluster }: StatusView, count: number | undefined): Colour {
  return count === cluster.spec.instances ? 'green' : 'red';
}

function progressLine({ cluster, paint }: StatusView): string {
  const { currentPrimary, targetPrimary } = cluster.status ?? {};
  if (currentPrimary === targetPrimary) return '';
  return `${paint('red', currentPrimary ? 'Switchover in progress' : 'Primary server is initializing')}\n`;
}

function primaryRows({ cluster, isReplica }: StatusView): [string, string | undefined][] {
  const { currentPrimary = '', targetPrimary } = cluster.status ?? {};
  const name = currentPrimary === targetPrimary ? currentPrimary : `${currentPrimary} (switching to ${targetPrimary})`;
  if (!isReplica) return [['Primary instance:', name]];
  return [
    ['Designated primary:', name],
    ['Source cluster: ', cluster.spec.replica?.source],
  ];
}

function promotionTime(view: StatusView): string | undefined {
  const { currentPrimary, currentPrimaryTimestamp } = view.cluster.status ?? {};
  if (!currentPrimaryTimestamp || view.isHibernated || isFenced(view, currentPrimary)) return undefined;
  const time = parseTime(currentPrimaryTimestamp);
  if (time === undefined) return view.paint('red', `error: "${currentPrimaryTimestamp}" is not a time`);
  return `${formatTime(time)} (${formatDuration(view.now.getTime() - time.getTime())})`;
}

function statusText(view: StatusView): string {
  const { phase = '', phaseReason = '', currentPrimary } = view.cluster.status ?? {};
  if (view.isHibernated) return view.paint('red', 'Hibernated');
  if (isFenced(view, currentPrimary)) return view.paint('red', 'Primary instance is fenced');
  const colour = green.includes(phase) ? 'green' : yellow.includes(phase) ? 'yellow' : 'red';
  return `${view.paint(colour, phase)} ${phaseReason}`;
}

function fencedText(view: StatusView): string | undefined {
  if (view.fenced.length === 0) return undefined;
  const text = view.fenced.includes('*') ? 'All Instances' : view.fenced.join(', ');
  return view.paint(isFenced(view, view.cluster.status?.currentPrimary) ? 'red' : 'yellow', text);
}

function sizeText(view: StatusView): string | undefined {
  if (view.size !== undefined) return view.size;
  if (view.isHibernated) return '- (hibernated)';
  if (isFenced(view, view.cluster.status?.currentPrimary)) return '- (fenced)';
  return view.primaryPod === undefined ? undefined : view.paint('red', 'could not be read');
}

function writeLsn({ primary }: StatusView): string | undefined {
  if (primary?.currentLsn === undefined) return undefined;
  return `${primary.currentLsn} (Timeline: ${primary.timeLineID} - WAL File: ${primary.currentWAL})`;
}
