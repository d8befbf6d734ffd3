// Rules on the number of instances, synchronous replication and updates.
import { type FieldError, invalid } from '../../validation/errors.ts';
import { primaryLease } from '../effective/timing.ts';
import type { ClusterRule } from './rule.ts';

export const updateStrategy: ClusterRule = ({ spec }) => {
  const strategy: string = spec.primaryUpdateStrategy ?? '';
  const path = 'spec.primaryUpdateStrategy';
  if (!['', 'supervised', 'unsupervised'].includes(strategy)) {
    return [invalid(path, strategy, 'use supervised or unsupervised')];
  }
  if (strategy !== 'supervised' || spec.instances !== 1) return [];
  return [invalid(path, strategy, 'use unsupervised, or more instances: a single one has nowhere to switch over to')];
};

export const minSyncReplicas: ClusterRule = ({ spec: { minSyncReplicas: least = 0, maxSyncReplicas: most = 0 } }) => {
  if (least < 0) return [invalid('spec.minSyncReplicas', least, 'use 0 or more')];
  return least > most ? [invalid('spec.minSyncReplicas', least, `use at most maxSyncReplicas (${most})`)] : [];
};

export const maxSyncReplicas: ClusterRule = ({ spec: { maxSyncReplicas: most = 0, instances } }) => {
  if (most < 0) return [invalid('spec.maxSyncReplicas', most, 'use 0 or more')];
  return most >= instances ? [invalid('spec.maxSyncReplicas', most, `use less than instances (${instances})`)] : [];
};

export const oneSynchronousWay: ClusterRule = ({ spec }) => {
  if (spec.postgresql?.synchronous === undefined) return [];
  return (['minSyncReplicas', 'maxSyncReplicas'] as const).flatMap((field) => {
    const value = spec[field] ?? 0;
    return value > 0 ? [invalid(`spec.${field}`, value, 'remove it: spec.postgresql.synchronous takes its place')] : [];
  });
};

export const synchronousNumber: ClusterRule = ({ spec }) => {
  const synchronous = spec.postgresql?.synchronous;
  if (synchronous === undefined) return [];
  const { number, standbyNamesPre = [], standbyNamesPost = [], failoverQuorum = false } = synchronous;
  const external = standbyNamesPre.length + standbyNamesPost.length;
  const path = 'spec.postgresql.synchronous';
  const errors: FieldError[] = [];
  if (number >= spec.instances + external) {
    const detail = `number: use less than ${spec.instances + external}, the instances and listed names`;
    errors.push(invalid(path, number, detail));
  }
  if (failoverQuorum && number <= external) {
    errors.push(invalid(path, number, `number: use more than ${external}, the listed names, with failoverQuorum`));
  }
  return errors;
};

export const electionConstraint: ClusterRule = ({ spec }) => {
  const constraint = spec.postgresql?.syncReplicaElectionConstraint;
  if (constraint?.enabled !== true || (constraint.nodeLabelsAntiAffinity ?? []).length > 0) return [];
  const path = 'spec.postgresql.syncReplicaElectionConstraint.nodeLabelsAntiAffinity';
  return [invalid(path, [], 'name node labels, or set enabled to false')];
};

export const leaseTimes: ClusterRule = ({ cluster, spec }) => {
  if (spec.primaryLease === undefined) return [];
  const {
    leaseDurationSeconds: duration,
    renewDeadlineSeconds: deadline,
    retryPeriodSeconds: period,
  } = primaryLease(cluster);
  const errors: FieldError[] = [];
  if (duration <= deadline) {
    const detail = `use more than renewDeadlineSeconds (${deadline})`;
    errors.push(invalid('spec.primaryLease.leaseDurationSeconds', duration, detail));
  }
  // The deadline must leave room for retries that come up to 20 % late.
  if (5 * deadline <= 6 * period) {
    const detail = `use more than 1.2 times retryPeriodSeconds (${period})`;
    errors.push(invalid('spec.primaryLease.renewDeadlineSeconds', deadline, detail));
  }
  return errors;
};

export const instanceRules: readonly ClusterRule[] = [
  updateStrategy,
  minSyncReplicas,
  maxSyncReplicas,
  oneSynchronousWay,
  synchronousNumber,
  electionConstraint,
  leaseTimes,
];
