import type { Cluster } from '@matriarch/api';
import { defaultCluster } from '@matriarch/api';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { apiConfigOf } from '../../config/api.ts';
import { loadConfig } from '../../config/load.ts';
import { decide } from '../decide/index.ts';
import { Model } from './model.ts';

export function testCluster(spec: Partial<Cluster['spec']> = {}): Cluster {
  const cluster: Cluster = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'prod', namespace: 'demo', uid: 'cluster-uid', generation: 1 },
    spec: { instances: 3, imageName: 'postgres:17.2', storage: { size: '1Gi' }, ...spec },
  };
  return defaultCluster(cluster, apiConfigOf(loadConfig([])));
}

/** What happens in the world beside the operator: jobs end, pods start, managers promote. */
export function kubelet(model: Model): void {
  for (const job of model.list<Job>('jobs')) {
    if (job.status) continue;
    model.put('jobs', { ...job, status: { conditions: [{ type: 'Complete', status: 'True' }] } } as Job);
  }
  for (const pod of model.list<Pod>('pods')) if (!pod.status) start(model, pod);
  promote(model);
}

function start(model: Model, pod: Pod): void {
  const name = pod.metadata?.name ?? '';
  model.put('pods', {
    ...pod,
    status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
  } as Pod);
  model.reports.set(name, {
    isPrimary: false,
    systemID: '1',
    timeLineID: 1,
    receivedLsn: '0/3000000',
    executableHash: 'h',
    isWalReceiverActive: true,
  });
}

/** The manager of the target becomes the primary when the old one is gone or has stopped. */
function promote(model: Model): void {
  const { targetPrimary, currentPrimary } = model.cluster.status ?? {};
  const target = model.reports.get(targetPrimary ?? '');
  if (!target || target.isPrimary) return;
  const old = model.reports.get(currentPrimary ?? '');
  if (old && currentPrimary !== targetPrimary) old.isPrimary = false;
  Object.assign(target, { isPrimary: true, isWalReceiverActive: false });
  model.cluster = { ...model.cluster, status: { ...model.cluster.status, currentPrimary: targetPrimary ?? '' } };
}

/** The primary dies: its pod is gone for the kubelet, and nobody receives WAL from it any more. */
export function killPrimary(model: Model): string {
  const name = model.cluster.status?.currentPrimary ?? '';
  const pod = model.get('pods', name) as Pod;
  model.put('pods', { ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: 'False' }] } } as Pod);
  model.reports.delete(name);
  for (const report of model.reports.values()) report.isWalReceiverActive = false;
  return name;
}

/** A standby sees the pending target, and receives no more WAL. */
export function promise(model: Model, name: string): void {
  const report = model.reports.get(name);
  const { targetPrimaryTimestamp } = model.cluster.status ?? {};
  if (report && targetPrimaryTimestamp) Object.assign(report, { targetSeen: targetPrimaryTimestamp });
}

export interface PassOptions {
  /** Stops after so many actions, as a crash of the operator would. */
  crashAfter?: number | undefined;
}

/** One pass of the operator. */
export function pass(model: Model, { crashAfter = Infinity }: PassOptions = {}): ReturnType<typeof decide> {
  const plan = decide(model.snapshot());
  for (const action of plan.actions.slice(0, crashAfter)) model.perform(action);
  return plan;
}

/** Passes and the world in turn, until nothing is to be done any more. */
export function settle(model: Model, limit = 60): void {
  for (let round = 0; round < limit; round += 1) {
    const plan = pass(model);
    kubelet(model);
    const quiet = plan.actions.every(({ kind }) => kind === 'event');
    if (quiet && plan.result.kind !== 'requeue') return;
  }
  const { phase, phaseReason } = model.cluster.status ?? {};
  throw new Error(`does not settle: ${phase} ${phaseReason ?? ''}`);
}

export function healthyModel(spec: Partial<Cluster['spec']> = {}, settings: Record<string, string> = {}): Model {
  const model = new Model(testCluster(spec), settings);
  settle(model);
  return model;
}
