// Rules on replication slots.
import { RE2JS } from 're2js';
import { each, type FieldError, invalid } from '../../validation/errors.ts';
import { parsePostgresBoolean } from '../../values/postgres.ts';
import { postgresMajor } from '../effective/image.ts';
import { areHighAvailabilitySlotsEnabled, areSlotsManaged } from '../effective/replication.ts';
import { effectiveParameters, userParameters } from '../parameters/merge.ts';
import type { ClusterContext, ClusterRule } from './rule.ts';

const isOn = ({ cluster }: ClusterContext, parameter: string) =>
  parsePostgresBoolean(effectiveParameters(cluster)[parameter] ?? '') === true;
const usesFailoverSlots = ({ cluster }: ClusterContext) =>
  Object.keys(userParameters(cluster)).some((name) => name.startsWith('pg_failover_slots.'));

function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const excludePatterns: ClusterRule = ({ cluster, spec }) => {
  if (!areSlotsManaged(cluster)) return [];
  return each(spec.replicationSlots?.synchronizeReplicas?.excludePatterns, (pattern, index) => {
    const problem = patternProblem(pattern);
    const path = `spec.replicationSlots.synchronizeReplicas.excludePatterns[${index}]`;
    return problem === undefined ? [] : [invalid(path, pattern, `correct the RE2 pattern: ${problem}`)];
  });
};

const needsOn = (parameter: string) => `set spec.postgresql.parameters.${parameter} to on`;

export const logicalDecoding: ClusterRule = (context) => {
  const { cluster, spec, config } = context;
  if (spec.replicationSlots?.highAvailability?.synchronizeLogicalDecoding !== true) return [];
  if (usesFailoverSlots(context)) return [];
  const path = 'spec.replicationSlots.highAvailability.synchronizeLogicalDecoding';
  if ((postgresMajor(cluster, config) ?? 0) < 17) {
    return [invalid(path, true, 'use PostgreSQL 17 or newer, or the extension pg_failover_slots')];
  }
  return ['hot_standby_feedback', 'sync_replication_slots']
    .filter((parameter) => !isOn(context, parameter))
    .map((parameter) => invalid(path, true, needsOn(parameter)));
};

export const failoverSlots: ClusterRule = (context) => {
  if (!usesFailoverSlots(context)) return [];
  const { cluster, spec } = context;
  const errors: FieldError[] = [];
  if (!isOn(context, 'hot_standby_feedback')) {
    const value = effectiveParameters(cluster).hot_standby_feedback ?? '';
    errors.push(
      invalid('spec.postgresql.parameters.hot_standby_feedback', value, 'set it to on for pg_failover_slots'),
    );
  }
  if (spec.replicationSlots === undefined) {
    errors.push(invalid('spec.replicationSlots', null, 'give it: pg_failover_slots needs these slots'));
  } else if (spec.replicationSlots.highAvailability === undefined || !areHighAvailabilitySlotsEnabled(cluster)) {
    const detail = 'enable it: pg_failover_slots needs these slots';
    errors.push(invalid('spec.replicationSlots.highAvailability.enabled', false, detail));
  }
  return errors;
};

export const slotRules: readonly ClusterRule[] = [excludePatterns, logicalDecoding, failoverSlots];
