// Rules on PostgreSQL parameters.
import { type FieldError, invalid } from '../../validation/errors.ts';
import { parsePostgresBoolean, parsePostgresSize } from '../../values/postgres.ts';
import { isReplicaCluster } from '../effective/roles.ts';
import { effectiveParameters, userParameters } from '../parameters/merge.ts';
import { fixedParameters } from '../parameters/tables.ts';
import type { ClusterContext, ClusterRule } from './rule.ts';
import { volumeSize } from './storage.ts';

const path = (name: string) => `spec.postgresql.parameters.${name}`;
/** The value in force; empty when neither the user nor a default gives one. */
const inForce = ({ cluster }: ClusterContext, name: string) => effectiveParameters(cluster)[name] ?? '';

const namePattern = /^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$/;

export const parameterNames: ClusterRule = ({ cluster }) =>
  Object.entries(userParameters(cluster))
    .filter(([name]) => !namePattern.test(name))
    .map(([name, value]) =>
      invalid(path(name), value, 'use the name of a parameter: letters, digits, _, $ and one dot'),
    );

export const fixedParameterValues: ClusterRule = ({ cluster }) => {
  const computed = effectiveParameters(cluster);
  return Object.entries(userParameters(cluster))
    .filter(([name, value]) => fixedParameters.has(name) && computed[name] !== value)
    .map(([name, value]) => invalid(path(name), value, 'remove it: the operator sets this parameter'));
};

export const walLevel: ClusterRule = (context) => {
  const level = inForce(context, 'wal_level');
  if (['logical', 'replica', 'minimal'].includes(level)) return [];
  return [invalid(path('wal_level'), level, 'use logical, replica or minimal')];
};

export const minimalWal: ClusterRule = (context) => {
  if (inForce(context, 'wal_level') !== 'minimal') return [];
  const { cluster, spec } = context;
  const problems = [
    ...(spec.instances > 1 ? ['standbys need more than minimal WAL; use replica or logical, or one instance'] : []),
    ...(inForce(context, 'archive_mode') === 'off'
      ? []
      : ['the WAL archive needs more than minimal WAL; set annotation cnpg.io/skipWalArchiving to enabled']),
    ...(isReplicaCluster(cluster) ? ['a replica cluster needs more than minimal WAL; use replica or logical'] : []),
  ];
  return problems.map((detail) => invalid(path('wal_level'), 'minimal', detail));
};

export const minimalWalSenders: ClusterRule = (context) => {
  const senders = inForce(context, 'max_wal_senders');
  if (inForce(context, 'wal_level') !== 'minimal' || senders === '0') return [];
  return [invalid(path('max_wal_senders'), senders, 'set it to "0" with wal_level minimal')];
};

export const sharedBuffers: ClusterRule = (context) => sizeErrors(context, 'shared_buffers');

function sizeErrors(context: ClusterContext, name: string): FieldError[] {
  const value = inForce(context, name);
  if (value === '' || parsePostgresSize(value) !== undefined) return [];
  return [invalid(path(name), value, 'write a size with a unit, such as 512MB')];
}

const booleans = ['hot_standby_feedback', 'sync_replication_slots', 'wal_log_hints'];

export const booleanParameters: ClusterRule = (context) =>
  booleans
    .map((name) => [name, inForce(context, name)] as const)
    .filter(([, value]) => value !== '' && parsePostgresBoolean(value) === undefined)
    .map(([name, value]) => invalid(path(name), value, 'use on or off'));

export const walLogHints: ClusterRule = (context) => {
  const value = inForce(context, 'wal_log_hints');
  if (context.spec.instances < 2 || parsePostgresBoolean(value) !== false) return [];
  return [invalid(path('wal_log_hints'), value, 'set it to on: pg_rewind of a former primary needs it')];
};

const walSizeDefaults = { min_wal_size: '80MB', max_wal_size: '1GB' };
const walSizeNames = ['min_wal_size', 'max_wal_size'] as const;

export const walSizes: ClusterRule = (context) => {
  const [least, most] = walSizeNames.map((name) => inForce(context, name) || walSizeDefaults[name]);
  const [min, max] = [least, most].map((value) => parsePostgresSize(value ?? ''));
  const errors = walSizeNames.flatMap((name) => sizeErrors(context, name));
  if (min === undefined || max === undefined || min === 0n || max === 0n || min < max) return errors;
  return [...errors, invalid(path('min_wal_size'), least, `use less than max_wal_size (${most})`)];
};

export const walSizesFitVolume: ClusterRule = ({ cluster, spec }) => {
  const volume = spec.walStorage === undefined ? undefined : volumeSize(spec.walStorage);
  if (volume === undefined) return [];
  return walSizeNames.flatMap((name) => {
    const value = userParameters(cluster)[name] ?? '';
    const size = parsePostgresSize(value);
    if (size === undefined || size < volume) return [];
    return [invalid(path(name), value, 'use less than the size of spec.walStorage, or a larger volume')];
  });
};

export const parameterRules: readonly ClusterRule[] = [
  parameterNames,
  fixedParameterValues,
  walLevel,
  minimalWal,
  minimalWalSenders,
  sharedBuffers,
  booleanParameters,
  walLogHints,
  walSizes,
  walSizesFitVolume,
];
